"""`phenom redrive-users`: which users are listed and retried, and what is left."""

import json
from typing import Any

import pytest

from phenom.aws.stacks import DeployedStack
from phenom.commands import redrive_users
from phenom.commands.redrive_users import RETRIES_USED_UP, run
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.fake_deployment import deployed_stack

SUB = "00000000-0000-4000-8000-00000000000{}"
EMAIL = "ada@example.org"


def dead_letter(number: int, reason: str | None = None) -> dict[str, Any]:
    body = json.dumps({"version": 1, "attributes": {"sub": SUB.format(number), "email": EMAIL}})
    attributes = {"MessageAttributes": {"reason": {"StringValue": reason}}} if reason else {}
    return {"MessageId": str(number), "ReceiptHandle": f"receipt {number}", "Body": body, **attributes}


class FakeSqs:
    """A dead-letter queue and a queue; `done` keeps what happened, in order."""

    def __init__(self, *letters: dict[str, Any], elsewhere: int = 0) -> None:
        self.letters = list(letters)
        self.elsewhere = elsewhere
        self.shown: set[str] = set()
        self.done: list[tuple[str, str]] = []
        self.full = False

    def receive_message(self, *, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "https://letters"
        new = [each for each in self.letters if each["MessageId"] not in self.shown][:10]
        self.shown |= {each["MessageId"] for each in new}
        return {"Messages": new} if new else {}

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessagesNotVisible": str(len(self.shown) + self.elsewhere)}}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        assert QueueUrl == "https://users"
        if self.full:
            raise KeyboardInterrupt
        self.done.append(("sent", json.loads(MessageBody)["attributes"]["sub"]))

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        assert QueueUrl == "https://letters"
        self.done.append(("deleted", ReceiptHandle))

    def change_message_visibility(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        self.done.append(("shown again", ReceiptHandle))


def stack(sqs: FakeSqs) -> DeployedStack:
    return deployed_stack(lambda _: sqs, UserSyncQueueUrl="https://users", UserSyncDeadLetterQueueUrl="https://letters")


def test_users_are_listed_with_the_reason_and_no_personal_data(capsys):
    sqs = FakeSqs(dead_letter(1, "constraint-violation: users_email_key"), dead_letter(2))
    assert run(stack(sqs), dry_run=True) == 1
    printed = capsys.readouterr().out
    assert f"  {SUB.format(1)}  constraint-violation: users_email_key\n" in printed
    assert f"  {SUB.format(2)}  {RETRIES_USED_UP}\n" in printed
    assert EMAIL not in printed
    assert sqs.done == [("shown again", "receipt 1"), ("shown again", "receipt 2")]


def test_user_is_queued_before_the_dead_letter_is_deleted():
    sqs = FakeSqs(dead_letter(1), dead_letter(2))
    assert run(stack(sqs), dry_run=False) == 0
    assert sqs.done == [
        ("sent", SUB.format(1)),
        ("deleted", "receipt 1"),
        ("sent", SUB.format(2)),
        ("deleted", "receipt 2"),
    ]


def test_interrupted_run_releases_the_remaining_dead_letters():
    sqs = FakeSqs(dead_letter(1))
    sqs.full = True
    with pytest.raises(KeyboardInterrupt):
        run(stack(sqs), dry_run=False)
    assert sqs.done == [("shown again", "receipt 1")]


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"attributes": 1}', "{}"])
def test_malformed_dead_letter_is_listed_as_malformed(capsys, body):
    assert run(stack(FakeSqs(dead_letter(1) | {"Body": body})), dry_run=True) == 1
    assert redrive_users.NOT_A_USER in capsys.readouterr().out


def test_messages_locked_by_another_run_are_counted(capsys):
    assert run(stack(FakeSqs(elsewhere=2)), dry_run=False) == 1
    assert "2 messages are locked by another run" in capsys.readouterr().out


def test_empty_dead_letter_queue_is_a_success(capsys):
    assert run(stack(FakeSqs()), dry_run=False) == 0
    assert "0 users in the dead-letter queue." in capsys.readouterr().out


def test_json_lists_users_and_reasons(phenom: Phenom, monkeypatch):
    sqs = FakeSqs(dead_letter(1, "constraint-violation"))
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: stack(sqs))
    ran = phenom("redrive-users", "production", "--json")
    assert ran.code == 0
    users = [{"sub": SUB.format(1), "reason": "constraint-violation"}]
    assert json.loads(ran.out) == {"users": users, "locked": 0, "retried": True}
