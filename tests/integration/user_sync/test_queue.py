"""The queue's edge, with a queue as moto plays it: what is written, what comes back and when, what is given up."""

import json
from datetime import timedelta

import pytest

from testkit.wiring import USER_SYNC
from tests.integration.user_sync.hasura_server import saying
from tests.unit.user_sync.fakes import COLUMNS, NOON, ada, http_answer
from user_sync.messages import encode
from user_sync.users import User

OUTAGE = saying(http_answer(b"", 503))


def subs(*numbers: int) -> list[str]:
    return [f"{number:08x}-7f41-4b8e-9d26-3c5a1b7e8f90" for number in numbers]


def send(stack, *messages: str):
    """Puts these into the queue and takes them out again, as Lambda does."""
    for message in messages:
        stack.sqs.send_message(QueueUrl=USER_SYNC["QUEUE_URL"], MessageBody=message)
    received = stack.receive()
    assert {each["body"] for each in received} == set(messages)
    return sorted(received, key=lambda record: messages.index(record["body"]))


def users(*numbers: int) -> list[str]:
    return [encode(User(sub, {"sub": sub}, NOON, signed_in=True), COLUMNS) for sub in subs(*numbers)]


@pytest.fixture
def stack(wire):
    """Messages that come back may do so at once."""
    return wire(RETRY_BASE_SECONDS="0")


def waits(stack, monkeypatch) -> list[int]:
    """The waits that the function asks for from now on, in the order of the messages."""
    asked: list[int] = []
    queues = stack.module._wired.queues
    ask = queues.wait
    monkeypatch.setattr(
        type(queues), "wait", lambda self, entries: (asked.extend(seconds for _, seconds in entries), ask(entries))
    )
    return asked


def test_a_batch_is_written_over_one_connection(stack):
    assert stack.work_off(*send(stack, *users(1, 2, 3))) == []
    assert list(stack.server.users.rows) == subs(1, 2, 3)
    assert stack.server.connections == 1


def test_the_same_message_twice_is_written_once(stack):
    (record,) = send(stack, *users(1))
    assert stack.work_off(record, record) == []
    assert len(stack.server.requests) == 2


def test_older_data_never_overwrites_newer_in_whatever_order_it_comes(stack):
    messages = [encode(ada(NOON + timedelta(seconds=n), name=f"Ada {n}"), COLUMNS) for n in range(3)]
    records = send(stack, *messages)
    assert stack.work_off(records[2], records[0], records[1]) == []
    (row,) = stack.server.users.rows.values()
    assert row["display_name"] == "Ada 2"


def test_the_first_that_fails_sends_the_rest_back_untried(stack):
    records = send(stack, *users(1, 2, 3, 4))
    stack.server.habits.extend([stack.server.answer, OUTAGE])
    assert stack.work_off(*records) == [record["messageId"] for record in records[1:]]
    assert len(stack.server.requests) == 2
    assert list(stack.server.users.rows) == subs(1)


def test_what_came_back_comes_again_and_is_counted(stack):
    (record,) = send(stack, *users(1))
    for attempt in ("1", "2", "3"):
        assert record["attributes"]["ApproximateReceiveCount"] == attempt
        stack.server.habits.append(OUTAGE)
        assert stack.work_off(record) == [record["messageId"]]
        (record,) = stack.receive()
    assert stack.work_off(record) == []


def test_each_attempt_waits_longer(wire, monkeypatch):
    stack = wire()
    asked = waits(stack, monkeypatch)
    (record,) = send(stack, *users(1))
    for receives in (1, 2, 3, 20):
        record["attributes"]["ApproximateReceiveCount"] = str(receives)
        stack.server.habits.append(OUTAGE)
        stack.work_off(record)
    assert asked == [10, 20, 40, 900]
    assert stack.receive() == []


def test_a_receipt_that_counts_no_more_leaves_the_others_their_wait(stack, capsys):
    records = send(stack, *users(1, 2))
    stack.sqs.delete_message(QueueUrl=USER_SYNC["QUEUE_URL"], ReceiptHandle=records[0]["receiptHandle"])
    stack.server.habits.append(OUTAGE)
    assert stack.work_off(*records) == [record["messageId"] for record in records]
    assert [record["body"] for record in stack.receive()] == users(2)


def test_nearly_out_of_time_everything_comes_back_and_nothing_is_begun(stack):
    records = send(stack, *users(1, 2))
    assert stack.work_off(*records, milliseconds=3900) == [record["messageId"] for record in records]
    assert stack.server.connections == 0
    assert len(stack.receive()) == 2


def test_what_is_no_message_is_given_up_among_good_ones_with_the_reason(stack):
    good, other = users(1, 2)
    assert stack.work_off(*send(stack, good, "this is no message", other)) == []
    assert list(stack.server.users.rows) == subs(1, 2)
    (letter,) = stack.receive("DEAD_LETTER_QUEUE_URL")
    assert letter["body"] == "this is no message"
    assert letter["messageAttributes"]["reason"]["StringValue"] == "the message is not one of ours"


def test_what_hasura_will_never_take_is_given_up_as_it_came(stack):
    taken = encode(ada(email="taken@example.org"), COLUMNS)
    assert stack.work_off(*send(stack, taken)) == []
    (letter,) = stack.receive("DEAD_LETTER_QUEUE_URL")
    assert (letter["body"], letter["messageAttributes"]["reason"]["StringValue"]) == (
        taken,
        "constraint-violation: users_email_key",
    )


def test_what_cannot_be_given_up_comes_back(stack):
    stack.sqs.delete_queue(QueueUrl=USER_SYNC["DEAD_LETTER_QUEUE_URL"])
    (record,) = send(stack, "this is no message")
    assert stack.work_off(record) == [record["messageId"]]


def test_a_function_that_is_misconfigured_keeps_every_message(wire, monkeypatch):
    stack = wire(COLUMNS_BY_ATTRIBUTE="nonsense")
    records = send(stack, *users(1))
    with pytest.raises(RuntimeError, match="misconfigured"):
        stack.work_off(*records)


def test_nothing_of_a_message_is_told(stack, capsys):
    stack.server.habits.append(OUTAGE)
    message = encode(ada(), COLUMNS)
    stack.work_off(*send(stack, message))
    (told,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (told["message"], told["cause"]) == ("not yet", "Hasura answered with status 503 and no JSON")
    assert "ada@example.org" not in json.dumps(told)
