"""A backfill sends every user once or more, never none, and goes on where it ended."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from phenom.aws.stacks import SignIn, UnreachableError
from phenom.commands import backfill_users
from phenom.commands.backfill_users import Backfill, BackfillError, Bookmark, Progress, run
from user_sync.queue_message import decode_user

POOL = "us-east-1_pool"


def sub(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


@dataclass
class FakeCloud:
    """A pool of users, the queue and its dead letters, and the function's settings, as boto3's clients show them."""

    users: list[dict[str, Any]]
    columns: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0  # of the next entries, so many are refused
    tokens_expire: bool = False
    left: Iterator[int] = field(default_factory=lambda: iter([0] * 50))
    letters: list[int] = field(default_factory=lambda: [0])  # one number for each time they are counted
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
def hurry(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes as soon as somebody sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(backfill_users.time, "sleep", slept.append)
    return slept


@pytest.fixture
def bookmark(tmp_path: Path) -> Bookmark:
    return Bookmark(tmp_path / "progress" / "dev.json")


def backfill(cloud: FakeCloud, bookmark: Bookmark) -> Backfill:
    return Backfill(SignIn(cloud.client, POOL, "sync", "https://users", "https://letters"), bookmark)


def go(cloud: FakeCloud, bookmark: Bookmark, **options: Any) -> int:
    settings = {"dry_run": False, "restart": False, "rate": 1e6, "wait_seconds": 60} | options
    return run(backfill(cloud, bookmark), **settings)


def test_every_user_of_every_page_is_sent_once(bookmark, capsys):
    cloud = FakeCloud([user(number) for number in range(130)])
    assert go(cloud, bookmark) == 0
    assert cloud.subs == [sub(number) for number in range(130)]
    assert "130 users sent." in capsys.readouterr().out


def test_message_is_what_the_function_reads_and_no_sign_in(bookmark):
    cloud = FakeCloud([user(1, **{"custom:secret": "private", "name": "Ada"})])
    go(cloud, bookmark)
    read = decode_user(json.dumps(cloud.sent[0]))
    assert (read.sub, read.signed_in) == (sub(1), False)
    assert read.attributes == {"sub": sub(1), "email": "u1@example.org", "name": "Ada"}


def test_attributes_are_those_that_have_a_column_in_the_deployed_function(bookmark):
    cloud = FakeCloud([user(1, nickname="ada")], columns='{"nickname": "display_name"}')
    go(cloud, bookmark)
    assert cloud.sent[0]["attributes"] == {"sub": sub(1), "nickname": "ada"}


def test_who_never_confirmed_their_address_is_passed_over(bookmark, capsys):
    cloud = FakeCloud([user(1), user(2, "UNCONFIRMED"), user(3, "FORCE_CHANGE_PASSWORD"), user(4, "EXTERNAL_PROVIDER")])
    assert go(cloud, bookmark) == 0
    assert cloud.subs == [sub(1), sub(3), sub(4)]
    assert "1 skipped" in capsys.readouterr().out


def test_dry_run_counts_and_changes_nothing(bookmark, capsys):
    cloud = FakeCloud([user(number) for number in range(70)])
    assert go(cloud, bookmark, dry_run=True) == 0
    assert cloud.sent == []
    assert "70 users would be sent." in capsys.readouterr().out
    assert bookmark.read(POOL) == Progress(POOL)


def test_run_that_died_goes_on_with_the_page_where_it_ended(bookmark, capsys):
    cloud = FakeCloud([user(number) for number in range(200)], pages_until_death=2)
    with pytest.raises(KeyboardInterrupt):
        go(cloud, bookmark)
    assert len(cloud.sent) == 120
    cloud.pages_until_death = 10_000
    assert go(cloud, bookmark) == 0
    assert cloud.subs == [sub(number) for number in range(200)]
    assert "Going on after 120 users." in capsys.readouterr().out
    assert bookmark.read(POOL) == Progress(POOL)


def test_restart_begins_with_the_first_user(bookmark):
    bookmark.write(Progress(POOL, "60", 60))
    cloud = FakeCloud([user(number) for number in range(70)])
    go(cloud, bookmark, restart=True)
    assert len(cloud.sent) == 70


@pytest.mark.parametrize("text", ["", "[]", '{"sent": 1}', "{", '{"user_pool_id": "us-east-1_other", "page": "60"}'])
def test_progress_of_another_pool_or_of_no_sense_counts_for_nothing(tmp_path, text):
    file = tmp_path / "dev.json"
    file.write_text(text)
    assert Bookmark(file).read(POOL) == Progress(POOL)


def test_page_that_is_too_old_says_so_and_the_next_run_begins_anew(bookmark):
    bookmark.write(Progress(POOL, "60", 60))
    cloud = FakeCloud([user(number) for number in range(70)], tokens_expire=True)
    with pytest.raises(BackfillError, match="Run it again"):
        go(cloud, bookmark)
    assert bookmark.read(POOL) == Progress(POOL)


def test_what_the_queue_refuses_is_sent_again_and_nothing_twice(bookmark):
    cloud = FakeCloud([user(number) for number in range(10)], refused=13)
    assert go(cloud, bookmark) == 0
    assert sorted(cloud.subs) == [sub(number) for number in range(10)]


def test_queue_that_refuses_for_good_ends_the_run_with_its_reason(bookmark):
    cloud = FakeCloud([user(1)], refused=10_000)
    with pytest.raises(BackfillError, match="busy"):
        go(cloud, bookmark)


def test_rate_is_kept(bookmark, hurry):
    go(FakeCloud([user(number) for number in range(180)]), bookmark, rate=60)
    assert sum(seconds for seconds in hurry if seconds != backfill_users.POLL_SECONDS) > 2.5


def test_it_waits_until_the_queue_says_several_times_that_it_is_empty(bookmark):
    cloud = FakeCloud([user(1)], left=iter([1, 0, 1, 0, 0, 0]))
    assert go(cloud, bookmark) == 0
    assert next(cloud.left, None) is None


def test_users_that_still_wait_make_it_fail_and_are_counted(bookmark, capsys):
    cloud = FakeCloud([user(1)])
    assert go(cloud, bookmark, wait_seconds=-1) == 0
    cloud.left = iter([1])
    assert go(cloud, bookmark, wait_seconds=-1) == 1
    assert "1 still wait for Hasura" in capsys.readouterr().out


def test_users_that_were_given_up_make_it_fail_and_are_counted(bookmark, capsys):
    assert go(FakeCloud([user(1)], letters=[2, 5]), bookmark) == 1
    assert "3 could not be written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnreachableError("deploy it"), 2),
        (EndpointConnectionError(endpoint_url="https://there"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_command_tells_trouble_by_its_exit_code(monkeypatch, error, status):
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(backfill_users, "find_sign_in", fail)
    monkeypatch.setattr(sys, "argv", ["backfill", "--env", "development"])
    assert backfill_users.main() == status


@pytest.mark.parametrize("rate", ["0", "-1", "inf", "fast"])
def test_rate_that_is_none_is_refused(monkeypatch, rate):
    monkeypatch.setattr(sys, "argv", ["backfill", "--env", "development", "--rate", rate])
    with pytest.raises(SystemExit):
        backfill_users.main()
