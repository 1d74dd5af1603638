"""Least privilege: what an attacker who controls a function can do. The local cloud enforces the roles."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError

from phenom.functions import FUNCTIONS
from tests.e2e.api import Application

type Stack = dict[str, Any]
type Clients = Callable[[str], Any]
type Attempt = Callable[[Clients, Stack], Any]

UPLOAD = "0" * 32
STAGED = f"uploads/{UPLOAD}.jpg"
QUARANTINED = f"quarantine/{UPLOAD}.etag.jpg"

ATTEMPTS: dict[str, Attempt] = {
    "read a staged file": lambda aws, it: aws("s3").get_object(Bucket=it["stagingBucket"], Key=STAGED),
    "delete a staged file": lambda aws, it: aws("s3").delete_object(Bucket=it["stagingBucket"], Key=STAGED),
    "write to held/": lambda aws, it: aws("s3").put_object(Bucket=it["stagingBucket"], Key="held/x"),
    "read a quarantined file": lambda aws, it: aws("s3").get_object(Bucket=it["stagingBucket"], Key=QUARANTINED),
    "look at a quarantined file": lambda aws, it: aws("s3").head_object(Bucket=it["stagingBucket"], Key=QUARANTINED),
    "copy a quarantined file to where it can be read": lambda aws, it: aws("s3").copy_object(
        Bucket=it["stagingBucket"],
        Key="held/stolen",
        CopySource={"Bucket": it["stagingBucket"], "Key": QUARANTINED},
    ),
    "delete a quarantined file": lambda aws, it: aws("s3").delete_object(Bucket=it["stagingBucket"], Key=QUARANTINED),
    "put a file into quarantine": lambda aws, it: aws("s3").put_object(Bucket=it["stagingBucket"], Key="quarantine/x"),
    "become the operator of the quarantine": lambda aws, it: aws("sts").assume_role(
        RoleArn=it["quarantineOperatorRole"], RoleSessionName="attacker"
    ),
    "open the quarantine by its policy": lambda aws, it: aws("s3").delete_bucket_policy(Bucket=it["stagingBucket"]),
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
    "validator": {"read a staged file", "delete a staged file", "write to held/", "put a file into quarantine",
                  "read a final file",
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
        return application.client_in_role(role)

    application.s3.put_object(Bucket=application.stack["stagingBucket"], Key=QUARANTINED, Body=b"evidence")
    yield clients
    for key in ("held/x", "held/stolen", "quarantine/x", QUARANTINED):
        application.s3.delete_object(Bucket=application.stack["stagingBucket"], Key=key)
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
        it = application.stack | {"quarantineOperatorRole": application.output("QuarantineOperatorRoleArn")}
        ATTEMPTS[attempt](role_clients(function), it)
    except ClientError as error:
        denied = error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
    else:
        denied = False
    assert denied is (attempt not in ALLOWED[function])
