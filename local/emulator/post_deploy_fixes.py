"""Corrects the deployed stack where the emulator's CloudFormation differs from AWS.

* Gateway responses of an API definition are not created: they are put in afterwards.
* The concurrency of an event source mapping stays text, because parameters are text, and cannot be compared: it is set
  again as a number.
"""

import json
import re
from typing import Any

from local.aws import Aws

_PARAMETER = re.compile(r"\$\{(\w+)}")


def apply_fixes(aws: Aws, stack_name: str) -> None:
    """Applies the fixes above to a deployed stack. Safe to repeat."""
    cloudformation = aws.client("cloudformation")
    parameters = _parameters(cloudformation, stack_name)
    for resource in cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]:
        physical_id = resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::ApiGateway::RestApi":
            definition = _processed_properties(cloudformation, stack_name, resource["LogicalResourceId"])["Body"]
            _put_gateway_responses(aws.client("apigateway"), physical_id, definition, parameters)
        elif resource["ResourceType"] == "AWS::Lambda::EventSourceMapping":
            _set_numeric_concurrency(aws.client("lambda"), physical_id)


def _parameters(cloudformation: Any, stack_name: str) -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def _processed_properties(cloudformation: Any, stack_name: str, logical_id: str) -> Any:
    """Returns a resource's properties after SAM's transform, with intrinsic functions unresolved."""
    template = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    content = json.loads(template) if isinstance(template, str) else template
    return content["Resources"][logical_id]["Properties"]


def _put_gateway_responses(apigateway: Any, api_id: str, definition: Any, parameters: dict[str, str]) -> None:
    for kind, response in definition.get("x-amazon-apigateway-gateway-responses", {}).items():
        status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
        apigateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters={
                name: _resolve(value, parameters) for name, value in response["responseParameters"].items()
            },
            responseTemplates=response["responseTemplates"],
            **status,
        )
    for stage in apigateway.get_stages(restApiId=api_id)["item"]:
        apigateway.create_deployment(restApiId=api_id, stageName=stage["stageName"])


def _resolve(value: Any, parameters: dict[str, str]) -> str:
    """Returns a header's value, which is text or Fn::Sub of parameters."""
    text = value["Fn::Sub"] if isinstance(value, dict) else value
    return _PARAMETER.sub(lambda found: parameters[found[1]], text)


def _set_numeric_concurrency(lambda_: Any, mapping_id: str) -> None:
    scaling = lambda_.get_event_source_mapping(UUID=mapping_id).get("ScalingConfig") or {}
    if "MaximumConcurrency" in scaling:
        lambda_.update_event_source_mapping(
            UUID=mapping_id, ScalingConfig={"MaximumConcurrency": int(scaling["MaximumConcurrency"])}
        )
