"""Least privilege: what an attacker who controls a function can do. The local cloud enforces the roles."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from phenom.functions import FUNCTIONS
from tests.e2e.api import Application

type Stack = dict[str, Any]
type Clients = Callable[[str], Any]
type Attempt = Callable[[Clients, Stack], Any]

UPLOAD = "0" * 32
STAGED = f"uploads/{UPLOAD}.jpg"

ATTEMPTS: dict[str, Attempt] = {
    "read a staged file": lambda aws, it: aws("s3").get_object(Bucket=it["stagingBucket"], Key=STAGED),
    "delete a staged file": lambda aws, it: aws("s3").delete_object(Bucket=it["stagingBucket"], Key=STAGED),
    "write to held/": lambda aws, it: aws("s3").put_object(Bucket=it["stagingBucket"], Key="held/x"),
    "read a final file": lambda aws, it: aws("s3").get_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "list final files": lambda aws, it: aws("s3").list_objects_v2(Bucket=it["finalBucket"]),
    "write a final file": lambda aws, it: aws("s3").put_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "write outside the folders of the final bucket": lambda aws, it: aws("s3").put_object(
        Bucket=it["finalBucket"], Key="index.html"
    ),
    "delete a final file": lambda aws, it: aws("s3").delete_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "make the final bucket public": lambda aws, it: aws("s3").delete_public_access_block(Bucket=it["finalBucket"]),
    "write the ledger": lambda aws, it: aws("dynamodb").put_item(
        TableName=it["uploadsTable"], Item={"uploadId": {"S": "f" * 32}}
    ),
    "read the ledger": lambda aws, it: aws("dynamodb").get_item(
        TableName=it["uploadsTable"], Key={"uploadId": {"S": UPLOAD}}
    ),
    "list the ledger": lambda aws, it: aws("dynamodb").scan(TableName=it["uploadsTable"], Limit=1),
    "delete from the ledger": lambda aws, it: aws("dynamodb").delete_item(
        TableName=it["uploadsTable"], Key={"uploadId": {"S": UPLOAD}}
    ),
    "read the upload passwords": lambda aws, it: aws("secretsmanager").get_secret_value(
        SecretId="phenom-local-video-upload-passwords"
    ),
    "change the upload passwords": lambda aws, it: aws("secretsmanager").put_secret_value(
        SecretId="phenom-local-video-upload-passwords", SecretString="{}"
    ),
    "read Hasura's admin secret": lambda aws, it: aws("secretsmanager").get_secret_value(
        SecretId="phenom-local-app-secrets"
    ),
    "send a message to the validator": lambda aws, it: aws("sqs").send_message(
        QueueUrl=it["validatorQueueUrl"], MessageBody="{}"
    ),
    "purge the dead-letter queue": lambda aws, it: aws("sqs").purge_queue(QueueUrl=it["validatorDeadLetterQueueUrl"]),
    "change a function's configuration": lambda aws, it: aws("lambda").update_function_configuration(
        FunctionName=it["functions"]["presign"], Timeout=1
    ),
    "invoke another function": lambda aws, it: aws("lambda").invoke(FunctionName=it["functions"]["userSync"]),
    "publish an upload event": lambda aws, it: aws("events").put_events(
        Entries=[{"EventBusName": it["eventBus"], "Source": "x", "DetailType": "Upload Accepted", "Detail": "{}"}]
    ),
    "reset the failed-attempt limiter": lambda aws, it: aws("dynamodb").delete_item(
        TableName=it["wrongPasswordsTable"], Key={"address": {"S": "203.0.113.1"}}
    ),
    "count an upload of the day": lambda aws, it: aws("dynamodb").update_item(
        TableName="phenom-local-daily-quotas",
        Key={"counter": {"S": "x"}},
        UpdateExpression="ADD uploads :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    ),
    "read the counts of the day": lambda aws, it: aws("dynamodb").get_item(
        TableName="phenom-local-daily-quotas", Key={"counter": {"S": "x"}}
    ),
    "create an IAM user": lambda aws, it: aws("iam").create_user(UserName="attacker"),
    "list the users of the pool": lambda aws, it: aws("cognito-idp").list_users(UserPoolId=it["userPoolId"]),
}

# All other attempts must be denied.
ALLOWED = {
    "presign": {
        "write the ledger", "read the ledger", "read the upload passwords", "count an upload of the day",
    },
    "validator": {"read a staged file", "delete a staged file", "write to held/", "read a final file",
                  "list final files", "write a final file"},
    "cognito_trigger": set(),
    "user_sync": {"read Hasura's admin secret"},
    "upload_events": {"publish an upload event"},
}  # fmt: skip


@pytest.fixture(scope="module")
def role_clients(application: Application) -> Iterator[Callable[[str], Clients]]:
    """Returns AWS clients with the credentials of a function's role."""

    @cache
    def clients(function: str) -> Clients:
        name = application.function_name(function)
        role = application.functions.get_function_configuration(FunctionName=name)["Role"]
        credentials = application.client("sts").assume_role(RoleArn=role, RoleSessionName="attacker")["Credentials"]
        return lambda service: boto3.client(
            service,
            endpoint_url=application.stack["endpointUrl"],
            region_name=application.stack["region"],
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    yield clients
    application.s3.delete_object(Bucket=application.stack["stagingBucket"], Key="held/x")
    application.s3.delete_object(Bucket=application.stack["finalBucket"], Key="images/x.jpg")
    application.client("dynamodb").delete_item(
        TableName=application.stack["uploadsTable"], Key={"uploadId": {"S": "f" * 32}}
    )


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_role_allows_exactly_the_listed_calls(
    application: Application, role_clients: Callable[[str], Clients], function: str, attempt: str
) -> None:
    """An allowed call may still fail, because the object does not exist."""
    try:
        ATTEMPTS[attempt](role_clients(function), application.stack)
    except ClientError as error:
        denied = error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
    else:
        denied = False
    assert denied is (attempt not in ALLOWED[function])
