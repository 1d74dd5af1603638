"""HASURA_GRAPHQL_JWT_SECRET of an environment: made from its pool, taken by the stand-in, or a clear error."""

import json

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from local.hasura.settings import JwtSettings, parse_jwt_settings
from phenom.aws.stacks import UnreachableError
from phenom.commands import hasura_jwt
from phenom.commands.hasura_jwt import UserPool, find, main, secret

POOL_ID, CLIENT_ID = "eu-west-1_Ab12Cd34", "4qvmnkbd0m4example"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34"


class FakeSsm:
    """boto3's session and its SSM client, for a store with these parameters, or one that cannot be asked."""

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


def test_settings_are_those_that_hasura_wants_for_cognito():
    assert json.loads(secret(UserPool(POOL_ID, CLIENT_ID))) == {
        "jwk_url": f"{ISSUER}/.well-known/jwks.json",
        "issuer": ISSUER,
        "audience": CLIENT_ID,
        "claims_namespace": "https://hasura.io/jwt/claims",
        "claims_format": "stringified_json",
    }


def test_emulator_has_its_keys_elsewhere_and_the_issuer_of_aws():
    content = json.loads(secret(UserPool(POOL_ID, CLIENT_ID, "http://127.0.0.1:4566")))
    assert content["jwk_url"] == "http://127.0.0.1:4566/eu-west-1_Ab12Cd34/.well-known/jwks.json"
    assert content["issuer"] == ISSUER


def test_stand_in_takes_the_settings():
    taken = parse_jwt_settings(secret(UserPool(POOL_ID, CLIENT_ID), hasura_jwt.NESTED))
    namespace = "https://hasura.io/jwt/claims"
    assert taken == JwtSettings(f"{ISSUER}/.well-known/jwks.json", ISSUER, CLIENT_ID, namespace, "json")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_deployed_pool_is_the_one_that_terraform_wrote_down(ssm, environment):
    assert find(environment) == UserPool(POOL_ID, CLIENT_ID)
    assert ssm.regions == ["us-east-1"]


@pytest.mark.parametrize("name", ["user-pool-id", "user-pool-client-id"])
def test_missing_parameter_is_named_with_the_remedy(ssm, name):
    del ssm.parameters[f"/phenom/prod/cognito/{name}"]
    with pytest.raises(
        UnreachableError, match=rf"/phenom/prod/cognito/{name}\.\n.*infra/terraform/environments/production"
    ):
        find("production")


def test_store_out_of_reach_says_what_to_check(ssm):
    ssm.error = NoCredentialsError()
    with pytest.raises(UnreachableError, match=r"credentials[\s\S]*AWS_PROFILE"):
        find("development")


def test_local_pool_is_known_by_the_file_of_the_local_cloud(tmp_path):
    file = tmp_path / "stack.json"
    content = {"userPoolId": POOL_ID, "userPoolClientId": CLIENT_ID, "endpointUrl": "http://127.0.0.1:4566"}
    file.write_text(json.dumps(content))
    assert find("local", file) == UserPool(POOL_ID, CLIENT_ID, "http://127.0.0.1:4566")


@pytest.mark.parametrize("missing", ["userPoolId", "userPoolClientId"])
def test_local_cloud_without_a_pool_says_how_to_get_one(tmp_path, missing):
    file = tmp_path / "stack.json"
    content = {"userPoolId": POOL_ID, "userPoolClientId": CLIENT_ID, "endpointUrl": "http://x"}
    file.write_text(json.dumps(content | {missing: None}))
    with pytest.raises(UnreachableError, match="make run"):
        find("local", file)


def test_local_cloud_that_does_not_run_says_how_to_start_it(tmp_path):
    with pytest.raises(UnreachableError, match="make run"):
        find("local", tmp_path / "stack.json")


def test_command_prints_the_json_alone(ssm, capsys):
    assert main(["--env", "production", "--claims-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["claims_format"] == "json"


def test_command_tells_trouble_on_stderr(ssm, capsys):
    ssm.parameters.clear()
    assert main(["--env", "production"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "/phenom/prod/cognito/user-pool-id and no /phenom/prod/cognito/user-pool-client-id" in said.err


def test_unknown_environment_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--env", "staging"])
    assert caught.value.code == 2
    assert "development" in capsys.readouterr().err
