"""Fixes applied after a deployment to the emulator."""

from typing import Any

from local.emulator.post_deploy_fixes import _put_gateway_responses, _set_numeric_concurrency


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


def test_gateway_responses_are_put_with_parameters_and_deployed() -> None:
    definition = {
        "x-amazon-apigateway-gateway-responses": {
            "THROTTLED": {
                "statusCode": 429,
                "responseParameters": {"a": {"Fn::Sub": "'${AllowedOrigin}'"}, "b": "'1'"},
                "responseTemplates": {"application/json": "{}"},
            }
        }
    }
    apigateway = Recorder(get_stages={"item": [{"stageName": "v1"}]})
    _put_gateway_responses(apigateway, "api", definition, {"AllowedOrigin": "https://here"})
    put, _, deployed = apigateway.calls
    assert put[1]["responseParameters"] == {"a": "'https://here'", "b": "'1'"}
    assert put[1]["statusCode"] == "429"
    assert deployed == ("create_deployment", {"restApiId": "api", "stageName": "v1"})


def test_concurrency_becomes_a_number() -> None:
    lambda_ = Recorder(get_event_source_mapping={"ScalingConfig": {"MaximumConcurrency": "10"}})
    _set_numeric_concurrency(lambda_, "id")
    assert lambda_.calls[-1][1]["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_mapping_without_a_limit_is_not_changed() -> None:
    lambda_ = Recorder()
    _set_numeric_concurrency(lambda_, "id")
    assert [name for name, _ in lambda_.calls] == ["get_event_source_mapping"]
