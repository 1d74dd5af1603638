"""The whole function with queues by moto: retries, their delays, and dead letters."""

import json
from datetime import timedelta

import pytest

from testkit.wiring import USER_SYNC
from tests.integration.user_sync.hasura_server import answering
from tests.unit.user_sync.fakes import COLUMNS, NOON, ada, http_answer
from user_sync.queue_message import encode_user
from user_sync.users import User

OUTAGE = answering(http_answer(b"", 503))


def subs(*numbers: int) -> list[str]:
    return [f"{number:08x}-7f41-4b8e-9d26-3c5a1b7e8f90" for number in numbers]


def send(stack, *messages: str):
    """Sends messages to the queue and receives them as Lambda does."""
    for message in messages:
        stack.sqs.send_message(QueueUrl=USER_SYNC["QUEUE_URL"], MessageBody=message)
    received = stack.receive()
    assert {each["body"] for each in received} == set(messages)
    return sorted(received, key=lambda record: messages.index(record["body"]))


def users(*numbers: int) -> list[str]:
    return [encode_user(User(sub, {"sub": sub}, NOON, signed_in=True), COLUMNS) for sub in subs(*numbers)]


@pytest.fixture
def stack(wire):
    """The function with retries without delay."""
    return wire(RETRY_BASE_SECONDS="0")


def record_delays(stack, monkeypatch) -> list[int]:
    """Returns a list that receives the delays that the function sets from now on."""
    recorded: list[int] = []
    queue = stack.module._wiring.retry_queue
    delay = queue.delay
    monkeypatch.setattr(
        type(queue), "delay", lambda self, entries: (recorded.extend(seconds for _, seconds in entries), delay(entries))
    )
    return recorded


def test_batch_is_written_over_one_connection(stack):
    assert stack.handle_batch(*send(stack, *users(1, 2, 3))) == []
    assert list(stack.server.users.rows) == subs(1, 2, 3)
    assert stack.server.connections == 1


def test_duplicate_message_is_written_once(stack):
    (record,) = send(stack, *users(1))
    assert stack.handle_batch(record, record) == []
    assert len(stack.server.requests) == 2


def test_older_data_never_overwrites_newer_data(stack):
    messages = [encode_user(ada(NOON + timedelta(seconds=n), name=f"Ada {n}"), COLUMNS) for n in range(3)]
    records = send(stack, *messages)
    assert stack.handle_batch(records[2], records[0], records[1]) == []
    (row,) = stack.server.users.rows.values()
    assert row["display_name"] == "Ada 2"


def test_batch_stops_at_the_first_failure(stack):
    records = send(stack, *users(1, 2, 3, 4))
    stack.server.faults.extend([stack.server.answer, OUTAGE])
    assert stack.handle_batch(*records) == [record["messageId"] for record in records[1:]]
    assert len(stack.server.requests) == 2
    assert list(stack.server.users.rows) == subs(1)


def test_retried_message_is_delivered_again_and_counted(stack):
    (record,) = send(stack, *users(1))
    for attempt in ("1", "2", "3"):
        assert record["attributes"]["ApproximateReceiveCount"] == attempt
        stack.server.faults.append(OUTAGE)
        assert stack.handle_batch(record) == [record["messageId"]]
        (record,) = stack.receive()
    assert stack.handle_batch(record) == []


def test_retry_delay_doubles(wire, monkeypatch):
    stack = wire()
    delays = record_delays(stack, monkeypatch)
    (record,) = send(stack, *users(1))
    for receives in (1, 2, 3, 20):
        record["attributes"]["ApproximateReceiveCount"] = str(receives)
        stack.server.faults.append(OUTAGE)
        stack.handle_batch(record)
    assert delays == [10, 20, 40, 900]
    assert stack.receive() == []


def test_invalid_receipt_handle_does_not_affect_other_delays(stack, capsys):
    records = send(stack, *users(1, 2))
    stack.sqs.delete_message(QueueUrl=USER_SYNC["QUEUE_URL"], ReceiptHandle=records[0]["receiptHandle"])
    stack.server.faults.append(OUTAGE)
    assert stack.handle_batch(*records) == [record["messageId"] for record in records]
    assert [record["body"] for record in stack.receive()] == users(2)


def test_no_message_is_started_without_enough_time(stack):
    records = send(stack, *users(1, 2))
    assert stack.handle_batch(*records, milliseconds=3900) == [record["messageId"] for record in records]
    assert stack.server.connections == 0
    assert len(stack.receive()) == 2


def test_malformed_message_is_dead_lettered_and_others_are_written(stack):
    good, other = users(1, 2)
    assert stack.handle_batch(*send(stack, good, "this is no message", other)) == []
    assert list(stack.server.users.rows) == subs(1, 2)
    (letter,) = stack.receive("DEAD_LETTER_QUEUE_URL")
    assert letter["body"] == "this is no message"
    assert letter["messageAttributes"]["reason"]["StringValue"] == "the message is malformed"


def test_refused_message_is_dead_lettered_unchanged(stack):
    taken = encode_user(ada(email="taken@example.org"), COLUMNS)
    assert stack.handle_batch(*send(stack, taken)) == []
    (letter,) = stack.receive("DEAD_LETTER_QUEUE_URL")
    assert (letter["body"], letter["messageAttributes"]["reason"]["StringValue"]) == (
        taken,
        "constraint-violation: users_email_key",
    )


def test_message_is_retried_when_the_dead_letter_queue_fails(stack):
    stack.sqs.delete_queue(QueueUrl=USER_SYNC["DEAD_LETTER_QUEUE_URL"])
    (record,) = send(stack, "this is no message")
    assert stack.handle_batch(record) == [record["messageId"]]


def test_misconfigured_function_raises_and_keeps_the_messages(wire, monkeypatch):
    stack = wire(COLUMNS_BY_ATTRIBUTE="nonsense")
    records = send(stack, *users(1))
    with pytest.raises(RuntimeError, match="misconfigured"):
        stack.handle_batch(*records)


def test_message_content_is_never_logged(stack, capsys):
    stack.server.faults.append(OUTAGE)
    message = encode_user(ada(), COLUMNS)
    stack.handle_batch(*send(stack, message))
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["message"], line["cause"]) == ("retry failed", "Hasura answered with status 503 and no JSON")
    assert "ada@example.org" not in json.dumps(line)
