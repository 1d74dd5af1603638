"""What an operator sees of the users that were given up, and that none of them is lost on the way back."""

import json
import sys
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from phenom.aws.stacks import SignIn, UnreachableError
from phenom.commands import redrive_users
from phenom.commands.redrive_users import RETRIES_USED_UP, run

SUB = "00000000-0000-4000-8000-00000000000{}"
EMAIL = "ada@example.org"


def letter(number: int, reason: str | None = None) -> dict[str, Any]:
    body = json.dumps({"version": 1, "attributes": {"sub": SUB.format(number), "email": EMAIL}})
    attributes = {"MessageAttributes": {"reason": {"StringValue": reason}}} if reason else {}
    return {"MessageId": str(number), "ReceiptHandle": f"receipt {number}", "Body": body, **attributes}


class FakeSqs:
    """A dead-letter queue and a queue; what happens to a letter is kept in order."""

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


def sign_in(sqs: FakeSqs) -> SignIn:
    return SignIn(lambda _: sqs, "us-east-1_pool", "sync", "https://users", "https://letters")


def test_each_user_is_listed_with_the_reason_and_nothing_of_their_own(capsys):
    sqs = FakeSqs(letter(1, "constraint-violation: users_email_key"), letter(2))
    assert run(sign_in(sqs), dry_run=True) == 1
    told = capsys.readouterr().out
    assert f"  {SUB.format(1)}  constraint-violation: users_email_key\n" in told
    assert f"  {SUB.format(2)}  {RETRIES_USED_UP}\n" in told
    assert EMAIL not in told
    assert sqs.done == [("shown again", "receipt 1"), ("shown again", "receipt 2")]


def test_each_is_in_the_queue_before_their_letter_goes():
    sqs = FakeSqs(letter(1), letter(2))
    assert run(sign_in(sqs), dry_run=False) == 0
    assert sqs.done == [
        ("sent", SUB.format(1)),
        ("deleted", "receipt 1"),
        ("sent", SUB.format(2)),
        ("deleted", "receipt 2"),
    ]


def test_interrupted_run_shows_the_letters_again_that_are_left():
    sqs = FakeSqs(letter(1))
    sqs.full = True
    with pytest.raises(KeyboardInterrupt):
        run(sign_in(sqs), dry_run=False)
    assert sqs.done == [("shown again", "receipt 1")]


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"attributes": 1}', "{}"])
def test_letter_that_is_no_user_is_listed_as_such_and_goes_the_same_way(capsys, body):
    assert run(sign_in(FakeSqs(letter(1) | {"Body": body})), dry_run=True) == 1
    assert redrive_users.NOT_OURS in capsys.readouterr().out


def test_letters_in_other_hands_are_told_of(capsys):
    assert run(sign_in(FakeSqs(elsewhere=2)), dry_run=False) == 1
    assert "2 more are in the hands of another run" in capsys.readouterr().out


def test_nothing_to_do_is_a_success(capsys):
    assert run(sign_in(FakeSqs()), dry_run=False) == 0
    assert "0 users were given up." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "status"), [(UnreachableError("deploy it"), 2), (NoCredentialsError(), 2), (KeyboardInterrupt(), 130)]
)
def test_command_tells_trouble_by_its_exit_code(monkeypatch, error, status):
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(redrive_users, "find_sign_in", fail)
    monkeypatch.setattr(sys, "argv", ["redrive_users", "--env", "production"])
    assert redrive_users.main() == status
