"""Where Terraform and SAM meet (DESIGN §6): SSM parameters and the names of functions."""

import json
import re
import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from phenom.aws.stacks import LIVE
from phenom.commands import hasura_jwt
from tests.infra.plans import ROOT, Environment

pytestmark = pytest.mark.infra

CONTRACT = {
    "cognito/user-pool-id": "String",
    "cognito/user-pool-arn": "String",
    "cognito/user-pool-client-id": "String",
    "secrets/app-secret-arn": "String",
    "network/private-subnet-ids": "StringList",
    "network/lambda-security-group-id": "String",
    "clamd/host": "String",
    "monitoring/alarm-topic-arn": "String",
}
NAME = re.compile(r"/phenom/(?:\$\{Environment\}|dev|prod)/[A-Za-z0-9_./-]+")


class Template(yaml.SafeLoader):
    """CloudFormation's tags, without their meaning."""


Template.add_multi_constructor("!", lambda loader, _suffix, node: _plain(loader, node))


def _plain(loader: Template, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


def template() -> dict[str, Any]:
    return yaml.load((ROOT / "template.yaml").read_text(), Template)


def overrides(environment: Environment) -> dict[str, str]:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment.name]["deploy"]["parameters"]
    return dict(pair.split("=", 1) for pair in settings["parameter_overrides"])


def written(environment: Environment) -> dict[str, str]:
    return {
        parameter.values["name"]: parameter.values["type"] for parameter in environment.plan_of("aws_ssm_parameter")
    }


def test_terraform_writes_the_contract_and_nothing_else(environment: Environment):
    assert written(environment) == {f"/phenom/{environment.short}/{name}": type_ for name, type_ in CONTRACT.items()}


def test_what_sam_reads_terraform_writes(environment: Environment):
    """Every parameter's name in template.yaml, and those that this environment's deployment names."""
    in_template = {
        name.replace("${Environment}", environment.short) for name in NAME.findall((ROOT / "template.yaml").read_text())
    }
    in_settings = {value for value in overrides(environment).values() if value.startswith("/phenom/")}
    assert {name for name in in_template | in_settings if f"/{environment.short}/" in name} <= written(
        environment
    ).keys()
    assert all(value.startswith(f"/phenom/{environment.short}/") for value in in_settings)


def test_sam_reads_each_parameter_as_what_it_is(environment: Environment):
    types = {name: parameter["Type"] for name, parameter in template()["Parameters"].items()}
    for name, value in overrides(environment).items():
        if not value.startswith("/phenom/"):
            continue
        assert types[name].startswith("AWS::SSM::Parameter::Value<"), name
        assert ("<List<" in types[name] or "CommaDelimitedList" in types[name]) == (
            written(environment)[value] == "StringList"
        ), name


def test_cognito_calls_the_functions_by_the_names_that_sam_gives_them(environment: Environment):
    (pool,) = environment.plan_of("aws_cognito_user_pool")
    (triggers,) = pool.values["lambda_config"]
    arns = [triggers["post_authentication"], triggers["pre_token_generation_config"][0]["lambda_arn"]]
    assert [arn.split(":")[7] for arn in arns] == [LIVE, LIVE], "SAM lets the pool call the alias alone"
    called = {arn.split(":")[6] for arn in arns}
    prefix = f"phenom-{environment.short}"
    assert called == {f"{prefix}-hasura-cognito-trigger", f"{prefix}-hasura-cognito-sync-users"}
    functions = [r for r in template()["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    names = {f["Properties"]["FunctionName"].replace("${Environment}", environment.short) for f in functions}
    triggers_of_sam = {name for name in names if "-hasura-cognito-" in name}
    assert not triggers_of_sam or triggers_of_sam == called


def test_user_sync_posts_where_the_load_balancer_serves_graphql(environment: Environment):
    (rule,) = [r for r in environment.plan_of("aws_lb_listener_rule") if r.address.endswith('this["graphql"]')]
    endpoint = f"https://{environment.locals['domain_name']}/api/graphql"
    assert rule.values["condition"][0]["path_pattern"][0]["values"] == [urlsplit(endpoint).path]
    (rewrite,) = rule.values["transform"][0]["url_rewrite_config"][0]["rewrite"]
    assert re.sub(rewrite["regex"], rewrite["replace"].replace("$", "\\"), "/api/graphql") == "/v1/graphql"


def test_hasura_gets_the_settings_that_make_hasura_jwt_prints(environment: Environment):
    (task,) = [t for t in environment.state_of("aws_ecs_task_definition") if t.values["family"].endswith("-graphql")]
    (container,) = json.loads(task.values["container_definitions"])
    variables = {variable["name"]: variable["value"] for variable in container["environment"]}
    (pool,), (client,) = (
        environment.state_of("aws_cognito_user_pool"),
        environment.state_of("aws_cognito_user_pool_client"),
    )
    expected = hasura_jwt.jwt_secret(hasura_jwt.UserPool(pool.values["id"], client.values["id"]))
    assert json.loads(variables["HASURA_GRAPHQL_JWT_SECRET"]) == json.loads(expected)
