"""Fixes applied after a deployment to the emulator."""

from typing import Any

import pytest

from local.emulator.post_deploy_fixes import _put_gateway_responses, _set_numeric_concurrency
from phenom.aws import sam_template


class Recorder:
    """Records calls and returns the prepared answer for each method name."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append((name, arguments))
            return self._answers.get(name, {})

        return call


def test_gateway_responses_are_put_and_deployed() -> None:
    responses = {
        "THROTTLED": {
            "statusCode": 429,
            "responseParameters": {"a": "'https://here'", "b": "'1'"},
            "responseTemplates": {"application/json": "{}"},
        }
    }
    apigateway = Recorder(get_stages={"item": [{"stageName": "v1"}]})
    _put_gateway_responses(apigateway, "api", responses)
    put, deployed = apigateway.calls[0], apigateway.calls[-1]
    assert put[1]["responseParameters"] == {"a": "'https://here'", "b": "'1'"}
    assert put[1]["statusCode"] == "429"
    assert deployed == ("create_deployment", {"restApiId": "api", "stageName": "v1"})


@pytest.mark.parametrize(
    ("domain", "origin"), [("", "https://a.example.org"), ("upload.example.org", "https://upload.example.org")]
)
def test_gateway_responses_name_the_page_or_the_first_origin(domain: str, origin: str) -> None:
    template = sam_template.read()
    responses = template["Resources"]["UploadApi"]["Properties"]["GatewayResponses"]
    parameters = {"ClientDomainName": domain, "AllowedOrigins": "https://a.example.org, https://b.example.org"}
    resolved = sam_template.resolve(responses, template["Conditions"], parameters)
    named = {each["ResponseParameters"]["Headers"]["Access-Control-Allow-Origin"] for each in resolved.values()}
    assert named == {f"'{origin}'"}


def test_concurrency_becomes_a_number() -> None:
    lambda_ = Recorder(get_event_source_mapping={"ScalingConfig": {"MaximumConcurrency": "10"}})
    _set_numeric_concurrency(lambda_, "id")
    assert lambda_.calls[-1][1]["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_mapping_without_a_limit_is_not_changed() -> None:
    lambda_ = Recorder()
    _set_numeric_concurrency(lambda_, "id")
    assert [name for name, _ in lambda_.calls] == ["get_event_source_mapping"]
