"""The local cloud against other programs and users of the machine: only the credentials of stack.json open it."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local.paths import ROOT
from tests.e2e import samples
from tests.e2e.api import Application, Response
from tests.e2e.sign_in_backend import SECRET_ID

CONTENT = samples.jpeg(10)
JSON = {"Content-Type": "application/x-amz-json-1.1"}
ELSEWHERE = [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
READ_SECRET = {"X-Amz-Target": "secretsmanager.GetSecretValue"}
BODY = json.dumps({"SecretId": SECRET_ID}).encode()


def send(application: Application, headers: dict[str, str], query: str = "", body: bytes = BODY) -> Response:
    url = application.stack["endpointUrl"] + "/" + query
    response = application.http.request("POST", url, body=body, headers=JSON | headers)
    return Response(response.status, dict(response.headers), response.data)


def signed(application: Application, key_id: str | None = None, secret: str | None = None) -> dict[str, str]:
    """Returns the headers of the call that reads the app secret."""
    credentials = Credentials(
        key_id or application.stack["accessKeyId"], secret or application.stack["secretAccessKey"]
    )
    request = AWSRequest("POST", application.stack["endpointUrl"] + "/", JSON | READ_SECRET, BODY)
    SigV4Auth(credentials, "secretsmanager", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def forged(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"Authorization": headers["Authorization"].partition("Signature=")[0] + "Signature=00"}


def test_secret_is_read_with_the_credentials_of_the_stack_file(application: Application) -> None:
    response = send(application, signed(application))
    assert (response.status, b"hasuraAdminSecret" in response.body) == (200, True)


def test_key_id_is_random(application: Application) -> None:
    assert application.stack["accessKeyId"].startswith("AKIA")
    assert len(application.stack["accessKeyId"]) == 20


@pytest.mark.parametrize(
    "case", ["bad signature", "no signature", "bearer", "12 digits", "test", "another secret", "query string"]
)
def test_secret_is_not_read_otherwise(application: Application, case: str) -> None:
    stack, query = application.stack, ""
    match case:
        case "bad signature":
            headers = forged(signed(application))
        case "no signature" | "query string":
            headers = READ_SECRET
            credential = f"{stack['accessKeyId']}/20260101/us-east-1/secretsmanager/aws4_request"
            names = "&X-Amz-SignedHeaders=host&X-Amz-Expires=600&X-Amz-Date=20260101T000000Z&X-Amz-Signature=00"
            query = f"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}{names}" * (case != "no signature")
        case "bearer":
            headers = READ_SECRET | {"Authorization": "Bearer x"}
        case "another secret":
            headers = signed(application, secret="x")
        case _:
            key_id = {"12 digits": "000000000000", "test": "test"}[case]
            headers = signed(application, key_id, "test")
            assert send(application, signed(application, key_id)).status == 403
    response = send(application, headers, query)
    assert (response.status, b"hasuraAdminSecret" in response.body) == (403, False)


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=str)
def test_even_signed_calls_of_other_sites_are_refused(application: Application, elsewhere: dict[str, str]) -> None:
    assert send(application, signed(application) | elsewhere).status == 403


def test_name_of_another_site_is_refused(application: Application) -> None:
    for path in ("/_ministack/health", application.stack["apiUrl"].partition("/_aws")[2]):
        url = application.stack["endpointUrl"] + path
        assert application.http.request("GET", url, headers={"Host": "evil.example"}).status == 403


@pytest.mark.parametrize("path", ["reset", "config", "sqs/messages", "lambda-code/x", "ses/messages"])
def test_administration_is_closed(application: Application, path: str) -> None:
    for method in ("GET", "POST"):
        response = application.http.request(method, f"{application.stack['endpointUrl']}/_ministack/{path}")
        assert response.status == 403
    application.s3.head_bucket(Bucket=application.stack["finalBucket"])


def test_credentials_of_a_role_cannot_be_computed(application: Application) -> None:
    function = application.functions.get_function_configuration(FunctionName=application.function_name("user_sync"))
    for arn in (function["FunctionArn"], f"{function['FunctionArn']}:{function['Version']}"):
        digest = hashlib.sha256(f"{arn}:{function['Role']}".encode()).hexdigest()
        client = boto3.client(
            "secretsmanager",
            endpoint_url=application.stack["endpointUrl"],
            region_name="us-east-1",
            aws_access_key_id=f"ASIA{digest[:16].upper()}",
            aws_secret_access_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
            aws_session_token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        )
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            client.get_secret_value(SecretId=SECRET_ID)


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=str)
def test_signed_put_and_api_are_open_to_pages(application: Application, elsewhere: dict[str, str]) -> None:
    """The CORS rules of the API and of the bucket decide which pages may read the answers."""
    issued = application.issue(CONTENT, "image/jpeg")
    changes: dict[str, Any] = {name.replace("-", "_"): value for name, value in elsewhere.items()}
    tampered = issued | {"uploadUrl": issued["uploadUrl"][:-4] + "0000"}
    assert application.put(tampered, CONTENT, **changes).status == 403
    assert application.put(issued, CONTENT, **changes).status == 200
    assert application.wait_for_verdict(issued["uploadId"])["status"] == "accepted"
    assert application.call("GET", f"/upload/{issued['uploadId']}", headers=elsewhere).status == 200


def test_commands_of_aws_work_with_the_credentials_of_the_stack_file(application: Application) -> None:
    """By environment variables, as the AWS CLI takes them."""
    script = (
        "import boto3; s3 = boto3.client('s3'); name = boto3.client('sts').get_caller_identity()['Arn'];"
        f"s3.put_object(Bucket={application.stack['finalBucket']!r}, Key='images/x y', Body=b'x'); print(name)"
    )
    environment = {
        "AWS_ENDPOINT_URL": application.stack["endpointUrl"],
        "AWS_ACCESS_KEY_ID": application.stack["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": application.stack["secretAccessKey"],
        "AWS_DEFAULT_REGION": application.stack["region"],
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith(":root")
    application.s3.delete_object(Bucket=application.stack["finalBucket"], Key="images/x y")


def test_url_signed_with_the_root_key_works_until_it_is_changed(application: Application) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=application.stack["endpointUrl"],
        region_name="us-east-1",
        aws_access_key_id=application.stack["accessKeyId"],
        aws_secret_access_key=application.stack["secretAccessKey"],
        config=Config(signature_version="s3v4"),
    )
    parameters = {"Bucket": application.stack["finalBucket"], "Key": "images/none.jpg"}
    url = s3.generate_presigned_url("get_object", Params=parameters)
    assert application.http.request("GET", url).status == 404
    assert application.http.request("GET", url[:-4] + "0000").status == 403
    for name, value in (("X-Amz-Target", "DynamoDB_20120810.ListTables"), ("Host", "evil.example")):
        assert application.http.request("GET", url, headers={name: value}).status == 403
