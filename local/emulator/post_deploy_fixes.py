"""Corrects the deployed stack where the emulator's CloudFormation differs from AWS.

* Gateway responses of an API definition are not created: they are put in afterwards.
* The concurrency of an event source mapping stays text, because parameters are text, and cannot be compared: it is set
  again as a number.
"""

import json
from typing import Any

from local.aws import Aws
from phenom.aws.sam_template import resolve


def apply_fixes(aws: Aws, stack_name: str) -> None:
    """Applies the fixes above to a deployed stack. Safe to repeat."""
    cloudformation = aws.client("cloudformation")
    parameters = _parameters(cloudformation, stack_name)
    for resource in cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]:
        physical_id = resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::ApiGateway::RestApi":
            template = _processed_template(cloudformation, stack_name)
            definition = template["Resources"][resource["LogicalResourceId"]]["Properties"]["Body"]
            responses = resolve(_gateway_responses(definition), template["Conditions"], parameters)
            _put_gateway_responses(aws.client("apigateway"), physical_id, responses)
        elif resource["ResourceType"] == "AWS::Lambda::EventSourceMapping":
            _set_numeric_concurrency(aws.client("lambda"), physical_id)


def _parameters(cloudformation: Any, stack_name: str) -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def _processed_template(cloudformation: Any, stack_name: str) -> Any:
    """Returns the template after SAM's transform, with intrinsic functions unresolved."""
    template = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    return json.loads(template) if isinstance(template, str) else template


def _gateway_responses(definition: Any) -> Any:
    return definition.get("x-amazon-apigateway-gateway-responses", {})


def _put_gateway_responses(apigateway: Any, api_id: str, responses: Any) -> None:
    for kind, response in responses.items():
        status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
        apigateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters=response["responseParameters"],
            responseTemplates=response["responseTemplates"],
            **status,
        )
    for stage in apigateway.get_stages(restApiId=api_id)["item"]:
        apigateway.create_deployment(restApiId=api_id, stageName=stage["stageName"])


def _set_numeric_concurrency(lambda_: Any, mapping_id: str) -> None:
    scaling = lambda_.get_event_source_mapping(UUID=mapping_id).get("ScalingConfig") or {}
    if "MaximumConcurrency" in scaling:
        lambda_.update_event_source_mapping(
            UUID=mapping_id, ScalingConfig={"MaximumConcurrency": int(scaling["MaximumConcurrency"])}
        )
