"""Each function's role has random credentials, the same ones for all of its workers."""

from typing import Any

from local.emulator.patches.role_credentials import issue_credentials

OWN = {
    "FunctionArn": "arn:aws:lambda:us-east-1:1:function:own",
    "Role": "arn:aws:iam::1:role/own",
    "FunctionName": "own",
}


def test_credentials_are_random_and_registered() -> None:
    registered: dict[str, Any] = {}
    issue = issue_credentials(lambda _: ("1", "us-east-1"), registered.__setitem__)
    again = issue_credentials(lambda _: ("1", "us-east-1"), registered.__setitem__)
    credentials = issue(OWN)
    assert not set(credentials.values()) & set(again(OWN).values())
    session = registered[credentials["AWS_ACCESS_KEY_ID"]]
    assert session["Arn"] == "arn:aws:sts::1:assumed-role/own/own"
    assert session["SecretAccessKey"] == credentials["AWS_SECRET_ACCESS_KEY"]
    assert session["SessionToken"] == credentials["AWS_SESSION_TOKEN"]


def test_workers_of_a_function_share_credentials() -> None:
    issue = issue_credentials(lambda _: ("1", "us-east-1"), lambda *_: None)
    assert issue(OWN) == issue(OWN)
    assert issue(OWN) != issue(OWN | {"Role": "arn:aws:iam::1:role/other"})
