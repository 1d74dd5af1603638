"""Attacks on a running emulator, and the calls that must work. The door's rules: tests/unit/local/emulator."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local import user_pool
from local.aws import REGION, Aws
from local.emulator.process import Emulator
from local.paths import EMULATOR_PYTHON, CloudPaths
from local.ports import any_free
from local.user_pool import DEMO_USER, LocalUserPool
from tests.conftest import require

HTTP = urllib3.PoolManager(retries=False)
SCOPE = "20260101/us-east-1/{service}/aws4_request"
QUERY = {"Content-Type": "application/x-www-form-urlencoded"}
FUNCTION = (
    "def handler(event, context):\n    import os\n    return {k: v for k, v in os.environ.items() if k[:4] == 'AWS_'}\n"
)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    require(EMULATOR_PYTHON.exists(), "the emulator (make run installs it)")
    paths = CloudPaths(tmp_path_factory.mktemp("emulator"))
    paths.create()
    emulator = Emulator(paths)
    emulator.start(any_free())
    yield emulator
    emulator.stop()


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> Aws:
    return emulator.aws()


@pytest.fixture(scope="module")
def pool(aws: Aws) -> LocalUserPool:
    """The local cloud's pool, without triggers: their functions are not deployed here."""
    pool = user_pool.prepare(aws)
    aws.client("cognito-idp").update_user_pool(UserPoolId=pool.id, LambdaConfig={})
    return pool


def header_forged(aws: Aws, key_id: str) -> urllib3.BaseHTTPResponse:
    """Lists the queues with a signature of zeros in the header."""
    credential = f"{key_id}/{SCOPE.format(service='sqs')}"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=00"
    headers = QUERY | {"Authorization": authorization, "X-Amz-Date": "20260101T000000Z"}
    return HTTP.request("POST", aws.endpoint, body=b"Action=ListQueues", headers=headers)


def query_forged(aws: Aws, key_id: str) -> urllib3.BaseHTTPResponse:
    """Lists the queues with a signature of zeros in the query string: a link, without any header."""
    credential = quote(f"{key_id}/{SCOPE.format(service='sqs')}", safe="")
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date=20260101T000000Z"
    end = "X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
    return HTTP.request("GET", f"{aws.endpoint}/?Action=ListQueues&{query}&{end}")


@pytest.mark.parametrize("forge", [header_forged, query_forged])
@pytest.mark.parametrize("key_id", ["", "root", "000000000000", "123456789012", "test", "LOCALCLOUD"])
def test_forged_signature_is_refused(aws: Aws, forge: Callable[..., Any], key_id: str) -> None:
    answer = forge(aws, aws.access_key_id if key_id == "root" else key_id)
    assert (answer.status, b"ListQueuesResult" in answer.data) == (403, False)


@pytest.mark.parametrize("key_id", ["000000000000", "test"])
def test_key_that_the_emulator_trusts_is_refused_with_the_right_secret(aws: Aws, key_id: str) -> None:
    for service, call in (("s3", "list_buckets"), ("iam", "list_roles"), ("lambda", "list_functions")):
        client = Aws(aws.endpoint, key_id, aws.secret_access_key).client(service)
        with pytest.raises(ClientError, match=r"InvalidClientTokenId|InvalidAccessKeyId"):
            getattr(client, call)()


@pytest.mark.parametrize("authorization", [None, "Bearer x", "Basic eA==", "AWS test:x"])
@pytest.mark.parametrize(
    "target",
    ["AWSCognitoIdentityProviderService.ListUserPools", "DynamoDB_20120810.ListTables", "AmazonSSM.GetParameter"],
)
def test_call_without_a_signature_is_refused(aws: Aws, target: str, authorization: str | None) -> None:
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    headers |= {"Authorization": authorization} if authorization else {}
    assert HTTP.request("POST", aws.endpoint, body=b'{"MaxResults": 1}', headers=headers).status == 403


def test_reset_leaves_everything(aws: Aws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="kept")
    for path in ("/_ministack/reset", "/_ministack/config"):
        assert HTTP.request("POST", aws.endpoint + path).status == 403
    s3.head_bucket(Bucket="kept")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566"])
def test_request_for_another_host_is_refused(aws: Aws, host: str) -> None:
    assert HTTP.request("GET", f"{aws.endpoint}/_ministack/health", headers={"Host": host}).status == 403


def test_key_id_is_another_one_after_each_start(emulator: Emulator, aws: Aws, tmp_path: Any) -> None:
    paths = CloudPaths(tmp_path)
    paths.create()
    another = Emulator(paths)
    another.start(any_free())
    try:
        assert another.aws().access_key_id != aws.access_key_id
        assert another.aws().access_key_id.startswith("AKIA")
    finally:
        another.stop()


def test_objects_with_odd_names_are_stored_and_read(aws: Aws) -> None:
    s3 = aws.client("s3")
    credentials = {"aws_access_key_id": aws.access_key_id, "aws_secret_access_key": aws.secret_access_key}
    signer = boto3.client(
        "s3", region_name=REGION, endpoint_url=aws.endpoint, config=Config(signature_version="s3v4"), **credentials
    )
    s3.create_bucket(Bucket="names")
    for key in ("a b/ü+~'(1)*.txt", "x//y", "%2F?&=#", "p;q:r@s,t"):
        s3.put_object(Bucket="names", Key=key, Body=b"content", Metadata={"name": "x"})
        assert s3.get_object(Bucket="names", Key=key)["Body"].read() == b"content"
        assert s3.list_objects_v2(Bucket="names", Prefix=key)["KeyCount"] == 1
        url = signer.generate_presigned_url("get_object", Params={"Bucket": "names", "Key": key})
        assert HTTP.request("GET", url).data == b"content"
        assert HTTP.request("GET", url.replace("Signature=", "Signature=0")).status == 403


def test_function_uses_its_role_with_random_credentials(aws: Aws) -> None:
    given = _deploy_and_invoke(aws)
    session = boto3.client(
        "sqs",
        endpoint_url=aws.endpoint,
        region_name=REGION,
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=given["AWS_SESSION_TOKEN"],
    )
    session.list_queues()
    with pytest.raises(ClientError, match="AccessDenied"):
        session.create_queue(QueueName="x")
    account = "000000000000"
    role, function = f"arn:aws:iam::{account}:role/own", f"arn:aws:lambda:{REGION}:{account}:function:own"
    guessed = hashlib.sha256(f"{function}:{role}".encode()).hexdigest()
    assert given["AWS_SECRET_ACCESS_KEY"] != hashlib.sha256(f"secret:{guessed}".encode()).hexdigest()
    assert given["AWS_ACCESS_KEY_ID"] != f"ASIA{guessed[:16].upper()}"


def _deploy_and_invoke(aws: Aws) -> dict[str, str]:
    """Returns the environment variables of a function that may list queues."""
    iam, functions = aws.client("iam"), aws.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="own", AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    iam.put_role_policy(RoleName="own", PolicyName="own", PolicyDocument=_document(may))
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("own.py", FUNCTION)
    functions.create_function(
        FunctionName="own", Runtime="python3.13", Role=role, Handler="own.handler", Code={"ZipFile": package.getvalue()}
    )
    environment: dict[str, str] = json.loads(functions.invoke(FunctionName="own")["Payload"].read())
    return environment


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def anonymous(aws: Aws) -> Any:
    """Cognito's client of an app, which has no AWS credentials."""
    config = Config(signature_version=UNSIGNED)
    return boto3.client("cognito-idp", endpoint_url=aws.endpoint, region_name=REGION, config=config)


def sign_in(anonymous: Any, pool: LocalUserPool, username: str, password: str = DEMO_USER.password) -> str:
    """Returns the access token."""
    answer = anonymous.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def attributes_of(anonymous: Any, token: str) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in anonymous.get_user(AccessToken=token)["UserAttributes"]}


def test_app_signs_in_and_reads_its_user_without_credentials(anonymous: Any, pool: LocalUserPool) -> None:
    token = sign_in(anonymous, pool, DEMO_USER.username)
    assert attributes_of(anonymous, token)["email"] == DEMO_USER.username


def test_access_token_is_no_right_of_an_administrator(aws: Aws, anonymous: Any, pool: LocalUserPool) -> None:
    headers = {
        "X-Amz-Target": "AWSCognitoIdentityProviderService.ListUsers",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"Bearer {sign_in(anonymous, pool, DEMO_USER.username)}",
    }
    answer = HTTP.request("POST", aws.endpoint, json={"UserPoolId": pool.id}, headers=headers)
    assert answer.status == 403


def test_stranger_cannot_register(anonymous: Any, pool: LocalUserPool) -> None:
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        anonymous.sign_up(ClientId=pool.client_id, Username="x@example.org", Password="Correct-horse-1")


def test_user_names_are_compared_without_case(aws: Aws, anonymous: Any, pool: LocalUserPool) -> None:
    with pytest.raises(ClientError, match="UsernameExistsException"):
        aws.client("cognito-idp").admin_create_user(UserPoolId=pool.id, Username=DEMO_USER.username.upper())
    assert sign_in(anonymous, pool, DEMO_USER.username.title())


def code_for(emulator: Emulator, what: str) -> str:
    return emulator.daemon.log.read_text().rpartition(f"code for the new {what} of user ")[2].split()[1]


def test_forgotten_password_needs_its_code(emulator: Emulator, aws: Aws, anonymous: Any, pool: LocalUserPool) -> None:
    user = {"ClientId": pool.client_id, "Username": "forgetful@example.org"}
    aws.client("cognito-idp").admin_create_user(
        UserPoolId=pool.id,
        Username=user["Username"],
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )
    anonymous.forgot_password(**user)
    for code in ("654321", "123456"):
        with pytest.raises(ClientError, match="CodeMismatchException"):
            anonymous.confirm_forgot_password(**user, ConfirmationCode=code, Password=DEMO_USER.password)
    anonymous.confirm_forgot_password(
        **user, ConfirmationCode=code_for(emulator, "password"), Password=DEMO_USER.password
    )
    assert sign_in(anonymous, pool, user["Username"])


@pytest.mark.parametrize("name", ["email_verified", "phone_number", "custom:tenant"])
def test_user_cannot_write_attributes_beyond_the_clients_list(anonymous: Any, pool: LocalUserPool, name: str) -> None:
    token = sign_in(anonymous, pool, DEMO_USER.username)
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        anonymous.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": name, "Value": "true"}])


def test_new_address_needs_its_code(emulator: Emulator, aws: Aws, anonymous: Any, pool: LocalUserPool) -> None:
    cognito = aws.client("cognito-idp")
    for address in ("mover@example.org", "owner@example.org"):
        cognito.admin_create_user(UserPoolId=pool.id, Username=address, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool.id, Username=address, Password=DEMO_USER.password, Permanent=True
        )
    token = sign_in(anonymous, pool, "mover@example.org")

    def change(address: str) -> None:
        anonymous.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": address}])

    with pytest.raises(ClientError, match="AliasExistsException"):
        change("Owner@example.org")
    change("moved@example.org")
    assert attributes_of(anonymous, token)["email"] == "mover@example.org"
    with pytest.raises(ClientError, match="CodeMismatchException"):
        anonymous.verify_user_attribute(AccessToken=token, AttributeName="email", Code="0")
    code = code_for(emulator, "email")
    anonymous.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code)
    moved = attributes_of(anonymous, token)
    assert (moved["email"], moved["email_verified"]) == ("moved@example.org", "true")
