"""A function that was taken over can do what its role says and no more. The local cloud enforces the roles."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.api import Application

type Stack = dict[str, Any]
type Clients = Callable[[str], Any]
type Attempt = Callable[[Clients, Stack], Any]

UPLOAD = "0" * 32
STAGED = f"uploads/{UPLOAD}.jpg"

ATTEMPTS: dict[str, Attempt] = {
    "read a staged file": lambda aws, it: aws("s3").get_object(Bucket=it["stagingBucket"], Key=STAGED),
    "remove a staged file": lambda aws, it: aws("s3").delete_object(Bucket=it["stagingBucket"], Key=STAGED),
    "stage outside uploads/": lambda aws, it: aws("s3").put_object(Bucket=it["stagingBucket"], Key="held/x"),
    "read final files": lambda aws, it: aws("s3").get_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "list final files": lambda aws, it: aws("s3").list_objects_v2(Bucket=it["finalBucket"]),
    "write a final file": lambda aws, it: aws("s3").put_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "write elsewhere in final": lambda aws, it: aws("s3").put_object(Bucket=it["finalBucket"], Key="index.html"),
    "remove a final file": lambda aws, it: aws("s3").delete_object(Bucket=it["finalBucket"], Key="images/x.jpg"),
    "open the final bucket": lambda aws, it: aws("s3").delete_public_access_block(Bucket=it["finalBucket"]),
    "issue an upload": lambda aws, it: aws("dynamodb").put_item(
        TableName=it["uploadsTable"], Item={"uploadId": {"S": "f" * 32}}
    ),
    "read the ledger": lambda aws, it: aws("dynamodb").get_item(
        TableName=it["uploadsTable"], Key={"uploadId": {"S": UPLOAD}}
    ),
    "list the ledger": lambda aws, it: aws("dynamodb").scan(TableName=it["uploadsTable"], Limit=1),
    "forget an upload": lambda aws, it: aws("dynamodb").delete_item(
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
    "announce an upload that is none": lambda aws, it: aws("sqs").send_message(
        QueueUrl=it["validatorQueueUrl"], MessageBody="{}"
    ),
    "empty the dead letters": lambda aws, it: aws("sqs").purge_queue(QueueUrl=it["validatorDeadLetterQueueUrl"]),
    "change a function": lambda aws, it: aws("lambda").update_function_configuration(
        FunctionName=it["functions"]["presign"], Timeout=1
    ),
    "call another function": lambda aws, it: aws("lambda").invoke(FunctionName=it["functions"]["userSync"]),
    "tell others what is not so": lambda aws, it: aws("events").put_events(
        Entries=[{"EventBusName": it["eventBus"], "Source": "x", "DetailType": "Upload Accepted", "Detail": "{}"}]
    ),
    "lift the guard": lambda aws, it: aws("dynamodb").delete_item(
        TableName=it["wrongPasswordsTable"], Key={"address": {"S": "203.0.113.1"}}
    ),
    "make itself an administrator": lambda aws, it: aws("iam").create_user(UserName="somebody"),
    "list the users": lambda aws, it: aws("cognito-idp").list_users(UserPoolId=it["userPoolId"]),
}

# What a role is for. What is in none of these it cannot do.
MAY = {
    "presign": {"issue an upload", "read the ledger", "read the upload passwords"},
    "validator": {"read a staged file", "remove a staged file", "stage outside uploads/", "read final files",
                  "list final files", "write a final file"},
    "cognitoTrigger": set(),
    "userSync": {"read Hasura's admin secret"},
    "upload_events": {"tell others what is not so"},
}  # fmt: skip


@pytest.fixture(scope="module")
def taken_over(application: Application) -> Iterator[Callable[[str], Clients]]:
    """AWS, as it is for whoever runs code inside a function."""

    @cache
    def clients(function: str) -> Clients:
        name = application.stack["functions"][function]
        role = application.functions.get_function_configuration(FunctionName=name)["Role"]
        taken = application.client("sts").assume_role(RoleArn=role, RoleSessionName="taken-over")["Credentials"]
        return lambda service: boto3.client(
            service,
            endpoint_url=application.stack["endpointUrl"],
            region_name=application.stack["region"],
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
        )

    yield clients
    application.s3.delete_object(Bucket=application.stack["stagingBucket"], Key="held/x")
    application.s3.delete_object(Bucket=application.stack["finalBucket"], Key="images/x.jpg")
    application.client("dynamodb").delete_item(
        TableName=application.stack["uploadsTable"], Key={"uploadId": {"S": "f" * 32}}
    )


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("function", MAY)
def test_role_allows_what_the_function_is_for_and_nothing_else(
    application: Application, taken_over: Callable[[str], Clients], function: str, attempt: str
) -> None:
    """What is allowed may fail all the same: there is no such file."""
    try:
        ATTEMPTS[attempt](taken_over(function), application.stack)
    except ClientError as error:
        refused = error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
    else:
        refused = False
    assert refused is (attempt not in MAY[function])
