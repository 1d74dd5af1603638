"""The contract between Terraform and SAM: SSM parameters and the names of functions."""

import json
import re
import tomllib

import pytest

from phenom.aws.stacks import LIVE
from phenom.commands import hasura_jwt
from tests.infra.plans import ROOT, Environment
from tests.template import deployed, read

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


def overrides(environment: Environment) -> dict[str, str]:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment.name]["deploy"]["parameters"]
    return dict(pair.split("=", 1) for pair in settings["parameter_overrides"])


def written(environment: Environment) -> dict[str, str]:
    return {
        parameter.values["name"]: parameter.values["type"] for parameter in environment.plan_of("aws_ssm_parameter")
    }


def test_terraform_writes_exactly_the_contract(environment: Environment):
    assert written(environment) == {f"/phenom/{environment.short}/{name}": type_ for name, type_ in CONTRACT.items()}


def test_terraform_writes_every_parameter_that_sam_reads(environment: Environment):
    """Covers parameter names in template.yaml and in this environment's section of samconfig.toml."""
    in_template = {
        name.replace("${Environment}", environment.short) for name in NAME.findall((ROOT / "template.yaml").read_text())
    }
    in_settings = {value for value in overrides(environment).values() if value.startswith("/phenom/")}
    assert {name for name in in_template | in_settings if f"/{environment.short}/" in name} <= written(
        environment
    ).keys()
    assert all(value.startswith(f"/phenom/{environment.short}/") for value in in_settings)


def test_sam_reads_each_parameter_with_its_type(environment: Environment):
    types = {name: parameter["Type"] for name, parameter in read()["Parameters"].items()}
    for name, value in overrides(environment).items():
        if not value.startswith("/phenom/"):
            continue
        assert types[name].startswith("AWS::SSM::Parameter::Value<"), name
        assert ("<List<" in types[name] or "CommaDelimitedList" in types[name]) == (
            written(environment)[value] == "StringList"
        ), name


def test_user_pool_triggers_are_the_functions_of_sam(environment: Environment):
    (pool,) = environment.plan_of("aws_cognito_user_pool")
    (triggers,) = pool.values["lambda_config"]
    assert triggers["post_confirmation"] == triggers["post_authentication"], (
        "first sign-ins of federated users are lost"
    )
    arns = [triggers["post_authentication"], triggers["pre_token_generation_config"][0]["lambda_arn"]]
    assert [arn.split(":")[7] for arn in arns] == [LIVE, LIVE], "SAM permits the pool to invoke only the alias"
    called = {arn.split(":")[6] for arn in arns}
    prefix = f"phenom-{environment.short}"
    assert called == {f"{prefix}-hasura-cognito-trigger", f"{prefix}-hasura-cognito-sync-users"}
    functions = deployed(environment.short).names_of("AWS::Serverless::Function")
    assert {name for name in functions if "-hasura-cognito-" in name} == called


def test_only_the_pool_of_terraform_may_invoke_its_triggers():
    """One permission serves all triggers of a function: Cognito's principal is the same for each."""
    permissions = [
        resource["Properties"]
        for resource in read()["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Permission"
        and resource["Properties"]["Principal"] == "cognito-idp.amazonaws.com"
    ]
    assert {each["FunctionName"]["Ref"] for each in permissions} == {
        "CognitoTriggerFunction.Alias",
        "UserSyncFunction.Alias",
    }
    for each in permissions:
        assert each["SourceArn"] == {"Ref": "UserPoolArn"}


def claims_by_attribute(environment: Environment) -> dict[str, str]:
    default = read()["Parameters"]["ClaimsByAttribute"]["Default"]
    text = overrides(environment).get("ClaimsByAttribute", default)
    claims: dict[str, str] = json.loads(json.loads(text) if text.startswith('"') else text)
    return claims


def find_forgeable_claims(writable: list[str] | None, claims: dict[str, str]) -> list[str]:
    """Returns a sentence for each attribute that users can write and must not. None: Cognito's default."""
    where = "write_attributes of the client in infra/terraform/modules/cognito/main.tf"
    if writable is None:
        return [f"Users can write every mutable attribute, also those that become claims: set {where}."]
    found = [
        f"Users could set their claim {claim} themselves: remove {attribute} from {where}, "
        "or take the claim from another attribute (ClaimsByAttribute in samconfig.toml)."
        for attribute, claim in claims.items()
        if attribute in writable
    ]
    return found + [
        f"Users could declare addresses of others verified: remove {attribute} from {where}."
        for attribute in ("email_verified", "phone_number_verified")
        if attribute in writable
    ]


def test_users_write_no_attribute_that_becomes_a_claim(environment: Environment):
    (client,) = environment.plan_of("aws_cognito_user_pool_client")
    found = find_forgeable_claims(client.values["write_attributes"], claims_by_attribute(environment))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("writable", "named"),
    [
        (None, "set write_attributes"),
        (["custom:tenant"], "remove custom:tenant from write_attributes"),
        (["email", "custom:tenant"], "their claim x-hasura-tenant-id"),
        (["email_verified"], "remove email_verified"),
    ],
)
def test_writable_claim_is_named_with_its_remedy(writable, named):
    (sentence,) = find_forgeable_claims(writable, {"custom:tenant": "x-hasura-tenant-id"})
    assert named in sentence


def test_quoted_claims_of_samconfig_are_read(environment: Environment, monkeypatch):
    quoted = r'"{\"custom:tenant\":\"x-hasura-tenant-id\"}"'  # as docs/adding.md says
    monkeypatch.setitem(globals(), "overrides", lambda _: {"ClaimsByAttribute": quoted})
    assert claims_by_attribute(environment) == {"custom:tenant": "x-hasura-tenant-id"}


def test_load_balancer_serves_graphql_at_the_endpoint_of_user_sync(environment: Environment):
    (rule,) = [r for r in environment.plan_of("aws_lb_listener_rule") if r.address.endswith('this["graphql"]')]
    assert rule.values["condition"][0]["path_pattern"][0]["values"] == ["/api/graphql"]
    (rewrite,) = rule.values["transform"][0]["url_rewrite_config"][0]["rewrite"]
    assert re.sub(rewrite["regex"], rewrite["replace"].replace("$", "\\"), "/api/graphql") == "/v1/graphql"


def test_hasura_has_the_jwt_settings_of_phenom_hasura_jwt(environment: Environment):
    (task,) = [t for t in environment.state_of("aws_ecs_task_definition") if t.values["family"].endswith("-graphql")]
    (container,) = json.loads(task.values["container_definitions"])
    variables = {variable["name"]: variable["value"] for variable in container["environment"]}
    (pool,), (client,) = (
        environment.state_of("aws_cognito_user_pool"),
        environment.state_of("aws_cognito_user_pool_client"),
    )
    expected = hasura_jwt.jwt_secret(hasura_jwt.UserPool(pool.values["id"], client.values["id"]))
    assert json.loads(variables["HASURA_GRAPHQL_JWT_SECRET"]) == json.loads(expected)
