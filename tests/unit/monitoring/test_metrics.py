"""tools/monitoring/metrics.yaml lists the metrics that the functions count, and no others."""

import pytest

from phenom.functions import FUNCTIONS
from tests import template
from tests.unit.monitoring.metrics import COMPUTED_NAMES, counted, texts
from tools.monitoring.catalogue import our_metrics

DEPLOYED = template.deployed("dev")
SERVICES = {
    function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"].removeprefix("phenom-dev-"): function[
        "Handler"
    ].partition(".")[0]
    for function in DEPLOYED.of_type("AWS::Serverless::Function").values()
}
COUNTED_FROM_LOGS = {("upload-api", "CeilingReached")}


def listed(package: str) -> set[str]:
    return {metric.name for metric in our_metrics() if SERVICES.get(str(metric.service)) == package}


def test_every_service_is_a_function_or_the_api():
    assert set(SERVICES.values()) == set(FUNCTIONS)
    others = {(metric.service, metric.name) for metric in our_metrics() if metric.service not in SERVICES}
    assert others == COUNTED_FROM_LOGS


@pytest.mark.parametrize("package", sorted(FUNCTIONS))
def test_listed_metrics_are_counted(package: str):
    computed = COMPUTED_NAMES.get(package, set())
    assert listed(package) <= texts(package) | computed
    assert computed <= listed(package)


@pytest.mark.parametrize("package", sorted(FUNCTIONS))
def test_counted_metrics_are_listed(package: str):
    assert counted(package) <= listed(package)


def test_metrics_are_listed_once():
    names = [(metric.service, metric.name) for metric in our_metrics()]
    assert len(names) == len(set(names))


def test_ceiling_metric_takes_its_service_from_the_access_log():
    """The filter reads the dimension from a field, so the log line needs that field."""
    api = DEPLOYED.of_type("AWS::Serverless::Api")["UploadApi"]
    (transformation,) = DEPLOYED.of_type("AWS::Logs::MetricFilter")["ApiCeilingMetric"]["MetricTransformations"]
    assert transformation["Dimensions"] == [{"Key": "service", "Value": "$.service"}]
    assert '"service":"phenom-dev-upload-api"' in api["AccessLogSetting"]["Format"]
    assert '"error":"$context.error.responseType"' in api["AccessLogSetting"]["Format"]


def test_service_names_differ_between_environments():
    """Both environments may share an account; an alarm must not read metrics of the other one."""
    for function in DEPLOYED.of_type("AWS::Serverless::Function").values():
        assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"].startswith("phenom-dev-")
