"""Lists the users in the dead-letter queue of user_sync, each with the reason, and retries them.

Safe to repeat and to interrupt: a user is back in the queue before the dead letter is deleted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from phenom.aws.dead_letter_queue import DeadLetterQueue, describe_locked
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.terminal import track

RETRIES_USED_UP = "Hasura did not answer for about a day"
NOT_A_USER = "(not a user)"


@dataclass(frozen=True, slots=True)
class UnwrittenUser:
    """A dead letter about one user. Holds no personal data besides `body`, which is not shown."""

    id: str
    body: str
    sub: str
    reason: str

    @classmethod
    def parse(cls, message: dict[str, Any]) -> "UnwrittenUser":
        reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", RETRIES_USED_UP)
        try:
            sub = str(json.loads(message["Body"])["attributes"]["sub"])
        except (ValueError, TypeError, KeyError):
            sub = NOT_A_USER
        return cls(message["MessageId"], message["Body"], sub, reason)


def run(stack: DeployedStack, *, dry_run: bool, as_json: bool = False) -> int:
    """Returns the exit code: 0 when no dead letter is left."""
    sqs, queue_url = stack.client("sqs"), stack.output("UserSyncQueueUrl")
    dead_letters = DeadLetterQueue(sqs, stack.output("UserSyncDeadLetterQueueUrl"))
    try:
        found = sorted(map(UnwrittenUser.parse, dead_letters.receive()), key=lambda each: each.reason)
        locked = dead_letters.count_locked_elsewhere()
        if not as_json:
            print_found(found, locked)
        if not dry_run:
            for each in track(found, "Retrying users"):
                sqs.send_message(QueueUrl=queue_url, MessageBody=each.body)
                dead_letters.delete(each.id)
    finally:
        dead_letters.release()
    if as_json:
        users = [{"sub": each.sub, "reason": each.reason} for each in found]
        print(json.dumps({"users": users, "locked": locked, "retried": not dry_run}))
    elif found and not dry_run:
        print("Users that still cannot be written return to the dead-letter queue within minutes.")
    return NOT_ALL_DONE if locked or (dry_run and found) else DONE


def print_found(found: Sequence[UnwrittenUser], locked: int) -> None:
    print(f"{len(found)} users in the dead-letter queue.")
    for each in found:
        print(f"  {each.sub}  {each.reason}")
    if locked:
        print(describe_locked(locked))
