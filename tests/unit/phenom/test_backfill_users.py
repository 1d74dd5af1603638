"""`phenom backfill-users` sends every user at least once and continues where it ended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from phenom.commands import backfill_users
from phenom.commands.backfill_users import Backfill, BackfillError, Progress, ProgressFile, run
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.fake_deployment import deployed_stack
from user_sync.queue_message import decode_user

POOL = "us-east-1_pool"


def sub(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


@dataclass
class FakeCloud:
    """A user pool, queue, dead-letter queue and function, behind boto3's clients."""

    users: list[dict[str, Any]]
    columns: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0  # number of next entries that the queue refuses
    tokens_expire: bool = False
    left: Iterator[int] = field(default_factory=lambda: iter([0] * 50))
    letters: list[int] = field(default_factory=lambda: [0])  # one number for each count
    pages_until_death: int = 10_000

    def client(self, _service: str) -> "FakeCloud":
        return self

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        return {"Environment": {"Variables": {"COLUMNS_BY_ATTRIBUTE": self.columns}}}

    def describe_user_pool(self, **_: Any) -> dict[str, Any]:
        return {"UserPool": {"EstimatedNumberOfUsers": len(self.users)}}

    def list_users(self, *, UserPoolId: str, Limit: int, PaginationToken: str = "0") -> dict[str, Any]:  # noqa: N803
        assert UserPoolId == POOL
        if self.tokens_expire and PaginationToken != "0":
            raise ClientError({"Error": {"Code": "InvalidParameterException", "Message": "old"}}, "ListUsers")
        if self.pages_until_death == 0:
            raise KeyboardInterrupt
        self.pages_until_death -= 1
        first = int(PaginationToken)
        following = first + Limit
        more = {"PaginationToken": str(following)} if following < len(self.users) else {}
        return {"Users": self.users[first:following], **more}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "https://users"
        assert len(Entries) <= 10
        taken, failed = Entries[self.refused :], Entries[: self.refused]
        self.refused = max(0, self.refused - len(Entries))
        self.sent += [json.loads(entry["MessageBody"]) for entry in taken]
        return {"Failed": [{"Id": entry["Id"], "Message": "busy"} for entry in failed]} if failed else {}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        number = self._letters() if QueueUrl == "https://letters" else next(self.left)
        return {"Attributes": {name: str(number if not name.endswith("NotVisible") else 0) for name in AttributeNames}}

    def _letters(self) -> int:
        return self.letters.pop(0) if len(self.letters) > 1 else self.letters[0]

    @property
    def subs(self) -> list[str]:
        return [message["attributes"]["sub"] for message in self.sent]


def user(number: int, status: str = "CONFIRMED", **attributes: str) -> dict[str, Any]:
    attributes = {"sub": sub(number), "email": f"u{number}@example.org"} | attributes
    return {
        "Username": f"u{number}",
        "UserStatus": status,
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
    }


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replaces sleeping; returns the seconds that would have been slept."""
    slept: list[float] = []
    monkeypatch.setattr(backfill_users.time, "sleep", slept.append)
    return slept


@pytest.fixture
def file(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path / "progress" / "dev.json")


def backfill(cloud: FakeCloud, file: ProgressFile) -> Backfill:
    outputs = {
        "UserPoolId": POOL,
        "UserSyncFunctionName": "sync",
        "UserSyncQueueUrl": "https://users",
        "UserSyncDeadLetterQueueUrl": "https://letters",
    }
    return Backfill(deployed_stack(cloud.client, **outputs), file)


def go(cloud: FakeCloud, file: ProgressFile, **options: Any) -> int:
    settings = {"dry_run": False, "restart": False, "rate": 1e6, "wait_seconds": 60} | options
    return run(backfill(cloud, file), **settings)


def test_every_user_of_every_page_is_sent_once(file, capsys):
    cloud = FakeCloud([user(number) for number in range(130)])
    assert go(cloud, file) == 0
    assert cloud.subs == [sub(number) for number in range(130)]
    assert "130 users sent." in capsys.readouterr().out


def test_message_is_readable_by_user_sync_and_no_sign_in(file):
    cloud = FakeCloud([user(1, **{"custom:secret": "private", "name": "Ada"})])
    go(cloud, file)
    read = decode_user(json.dumps(cloud.sent[0]))
    assert (read.sub, read.signed_in) == (sub(1), False)
    assert read.attributes == {"sub": sub(1), "email": "u1@example.org", "name": "Ada"}


def test_only_attributes_with_a_column_are_sent(file):
    cloud = FakeCloud([user(1, nickname="ada")], columns='{"nickname": "display_name"}')
    go(cloud, file)
    assert cloud.sent[0]["attributes"] == {"sub": sub(1), "nickname": "ada"}


def test_users_with_unconfirmed_address_are_skipped(file, capsys):
    cloud = FakeCloud([user(1), user(2, "UNCONFIRMED"), user(3, "FORCE_CHANGE_PASSWORD"), user(4, "EXTERNAL_PROVIDER")])
    assert go(cloud, file) == 0
    assert cloud.subs == [sub(1), sub(3), sub(4)]
    assert "1 skipped" in capsys.readouterr().out


def test_dry_run_counts_and_changes_nothing(file, capsys):
    cloud = FakeCloud([user(number) for number in range(70)])
    assert go(cloud, file, dry_run=True) == 0
    assert cloud.sent == []
    assert "70 users would be sent." in capsys.readouterr().out
    assert file.read(POOL) == Progress(POOL)


def test_interrupted_run_continues_with_the_next_page(file, capsys):
    cloud = FakeCloud([user(number) for number in range(200)], pages_until_death=2)
    with pytest.raises(KeyboardInterrupt):
        go(cloud, file)
    assert len(cloud.sent) == 120
    cloud.pages_until_death = 10_000
    assert go(cloud, file) == 0
    assert cloud.subs == [sub(number) for number in range(200)]
    assert "Continuing after 120 users" in capsys.readouterr().out
    assert file.read(POOL) == Progress(POOL)


def test_restart_starts_with_the_first_user(file):
    file.write(Progress(POOL, "60", 60))
    cloud = FakeCloud([user(number) for number in range(70)])
    go(cloud, file, restart=True)
    assert len(cloud.sent) == 70


@pytest.mark.parametrize("text", ["", "[]", '{"sent": 1}', "{", '{"user_pool_id": "us-east-1_other", "page": "60"}'])
def test_malformed_progress_or_of_another_pool_is_ignored(tmp_path, text):
    file = tmp_path / "dev.json"
    file.write_text(text)
    assert ProgressFile(file).read(POOL) == Progress(POOL)


def test_expired_page_token_makes_the_next_run_start_over(file):
    file.write(Progress(POOL, "60", 60))
    cloud = FakeCloud([user(number) for number in range(70)], tokens_expire=True)
    with pytest.raises(BackfillError, match="Run it again"):
        go(cloud, file)
    assert file.read(POOL) == Progress(POOL)


def test_refused_users_are_retried_and_no_other_is_sent_twice(file):
    cloud = FakeCloud([user(number) for number in range(10)], refused=13)
    assert go(cloud, file) == 0
    assert sorted(cloud.subs) == [sub(number) for number in range(10)]


def test_queue_that_keeps_refusing_ends_the_run(file):
    cloud = FakeCloud([user(1)], refused=10_000)
    with pytest.raises(BackfillError, match="busy"):
        go(cloud, file)


def test_rate_is_kept(file, no_pauses):
    go(FakeCloud([user(number) for number in range(180)]), file, rate=60)
    assert sum(seconds for seconds in no_pauses if seconds != backfill_users.POLL_SECONDS) > 2.5


def test_queue_must_be_empty_several_times_in_a_row(file):
    cloud = FakeCloud([user(1)], left=iter([1, 0, 1, 0, 0, 0]))
    assert go(cloud, file) == 0
    assert next(cloud.left, None) is None


def test_users_still_in_the_queue_are_counted_and_fail_the_command(file, capsys):
    cloud = FakeCloud([user(1)])
    assert go(cloud, file, wait_seconds=-1) == 0
    cloud.left = iter([1])
    assert go(cloud, file, wait_seconds=-1) == 1
    assert "1 still wait for Hasura" in capsys.readouterr().out


def test_users_in_the_dead_letter_queue_are_a_failure(file, capsys):
    assert go(FakeCloud([user(1)], letters=[2, 5]), file) == 1
    assert "3 could not be written" in capsys.readouterr().out


@pytest.mark.parametrize("rate", ["0", "-1", "inf", "fast"])
def test_invalid_rate_is_a_usage_error(phenom: Phenom, rate):
    ran = phenom("backfill-users", "development", "--rate", rate)
    assert ran.code == 2
    assert "--rate" in ran.err
