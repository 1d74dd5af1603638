"""`phenom hasura-jwt`: the JWT settings of an environment's pool, or a clear error."""

import json

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from local.hasura.settings import JwtSettings, parse_jwt_settings
from phenom.aws.stacks import UnreachableError
from phenom.commands.hasura_jwt import UserPool, find_pool, jwt_secret
from tests.unit.phenom.conftest import Phenom

POOL_ID, CLIENT_ID = "eu-west-1_Ab12Cd34", "4qvmnkbd0m4example"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34"


class FakeSsm:
    """boto3's session and SSM client with these parameters, or failing with `error`."""

    def __init__(self, parameters: dict[str, str], error: Exception | None = None) -> None:
        self.parameters, self.error, self.regions = parameters, error, []

    def __call__(self, region_name: str) -> "FakeSsm":
        self.regions.append(region_name)
        return self

    def client(self, service: str) -> "FakeSsm":
        assert service == "ssm"
        return self

    def get_parameters(self, Names: list[str]) -> dict:  # noqa: N803
        if self.error:
            raise self.error
        found = [{"Name": name, "Value": self.parameters[name]} for name in Names if name in self.parameters]
        return {"Parameters": found, "InvalidParameters": [name for name in Names if name not in self.parameters]}


@pytest.fixture
def ssm(monkeypatch) -> FakeSsm:
    names = {"user-pool-id": POOL_ID, "user-pool-client-id": CLIENT_ID}
    fake = FakeSsm(
        {f"/phenom/{short}/cognito/{name}": value for short in ("dev", "prod") for name, value in names.items()}
    )
    monkeypatch.setattr(boto3, "Session", fake)
    return fake


def test_secret_has_the_settings_that_hasura_needs():
    assert json.loads(jwt_secret(UserPool(POOL_ID, CLIENT_ID))) == {
        "jwk_url": f"{ISSUER}/.well-known/jwks.json",
        "issuer": ISSUER,
        "audience": CLIENT_ID,
        "claims_namespace": "https://hasura.io/jwt/claims",
        "claims_format": "stringified_json",
    }


def test_emulator_serves_its_own_keys_with_the_issuer_of_aws():
    content = json.loads(jwt_secret(UserPool(POOL_ID, CLIENT_ID, "http://127.0.0.1:4566")))
    assert content["jwk_url"] == "http://127.0.0.1:4566/eu-west-1_Ab12Cd34/.well-known/jwks.json"
    assert content["issuer"] == ISSUER


def test_hasura_stand_in_accepts_the_secret():
    taken = parse_jwt_settings(jwt_secret(UserPool(POOL_ID, CLIENT_ID), "json"))
    namespace = "https://hasura.io/jwt/claims"
    assert taken == JwtSettings(f"{ISSUER}/.well-known/jwks.json", ISSUER, CLIENT_ID, namespace, "json")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_deployed_pool_comes_from_ssm_parameters(ssm, environment):
    assert find_pool(environment) == UserPool(POOL_ID, CLIENT_ID)
    assert ssm.regions == ["us-east-1"]


@pytest.mark.parametrize("name", ["user-pool-id", "user-pool-client-id"])
def test_missing_parameter_is_named_with_the_remedy(ssm, name):
    del ssm.parameters[f"/phenom/prod/cognito/{name}"]
    with pytest.raises(
        UnreachableError, match=rf"/phenom/prod/cognito/{name}\.\n.*infra/terraform/environments/production"
    ):
        find_pool("production")


def test_unreachable_ssm_says_what_to_check(ssm):
    ssm.error = NoCredentialsError()
    with pytest.raises(UnreachableError, match=r"credentials[\s\S]*AWS_PROFILE"):
        find_pool("development")


def test_local_pool_comes_from_stack_json(tmp_path):
    file = tmp_path / "stack.json"
    content = {"userPoolId": POOL_ID, "userPoolClientId": CLIENT_ID, "endpointUrl": "http://127.0.0.1:4566"}
    file.write_text(json.dumps(content))
    assert find_pool("local", file) == UserPool(POOL_ID, CLIENT_ID, "http://127.0.0.1:4566")


@pytest.mark.parametrize("missing", ["userPoolId", "userPoolClientId"])
def test_local_cloud_without_a_pool_says_what_to_do(tmp_path, missing):
    file = tmp_path / "stack.json"
    content = {"userPoolId": POOL_ID, "userPoolClientId": CLIENT_ID, "endpointUrl": "http://x"}
    file.write_text(json.dumps(content | {missing: None}))
    with pytest.raises(UnreachableError, match="make run"):
        find_pool("local", file)


def test_stopped_local_cloud_says_how_to_start_it(tmp_path):
    with pytest.raises(UnreachableError, match="make run"):
        find_pool("local", tmp_path / "stack.json")


def test_command_prints_only_json(ssm, phenom: Phenom):
    ran = phenom("hasura-jwt", "production", "--claims-format", "json")
    assert ran.code == 0
    assert json.loads(ran.out)["claims_format"] == "json"


def test_missing_parameters_are_an_error_on_stderr(ssm, phenom: Phenom):
    ssm.parameters.clear()
    ran = phenom("hasura-jwt", "production")
    assert (ran.code, ran.out) == (2, "")
    assert "/phenom/prod/cognito/user-pool-id and no /phenom/prod/cognito/user-pool-client-id" in ran.err


def test_unknown_environment_is_a_usage_error(phenom: Phenom):
    ran = phenom("hasura-jwt", "staging")
    assert ran.code == 2
    assert "development" in ran.err
