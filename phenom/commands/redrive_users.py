"""Lists the users that could not be written to Hasura, each with the reason, and has them tried again.

Safe to repeat, and to interrupt at any point: a user is in the queue again before their dead letter is deleted.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tqdm import tqdm

from phenom.aws.dead_letter_queue import HIDDEN_SECONDS, DeadLetters
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, SignIn, UnreachableError, find_sign_in

RETRIES_USED_UP = "Hasura was not there, for about a day"
NOT_OURS = "(not a user)"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: whom it is about, and why they were given up. Nothing of what they told of themselves."""

    id: str
    body: str
    sub: str
    reason: str

    @classmethod
    def of(cls, message: dict[str, Any]) -> "Letter":
        reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", RETRIES_USED_UP)
        try:
            sub = str(json.loads(message["Body"])["attributes"]["sub"])
        except (ValueError, TypeError, KeyError):
            sub = NOT_OURS
        return cls(message["MessageId"], message["Body"], sub, reason)


def run(sign_in: SignIn, *, dry_run: bool) -> int:
    """Exit status: 0 when no dead letter is left, 1 otherwise."""
    sqs = sign_in.client("sqs")
    letters = DeadLetters(sqs, sign_in.dead_letter_queue_url)
    try:
        found = [Letter.of(message) for message in letters.take()]
        hidden = letters.hidden_elsewhere()
        print(f"{len(found)} users were given up.")
        for letter in sorted(found, key=lambda each: each.reason):
            print(f"  {letter.sub}  {letter.reason}")
        if hidden:
            minutes = HIDDEN_SECONDS // 60
            print(f"{hidden} more are in the hands of another run; if there is none, try again in {minutes} minutes.")
        if not dry_run:
            for letter in tqdm(found, unit="user", desc="Sent", file=sys.stderr):
                sqs.send_message(QueueUrl=sign_in.queue_url, MessageBody=letter.body)
                letters.delete(letter.id)
            print("Whoever cannot be written this time either comes back here within minutes." if found else "")
        return 1 if hidden or (dry_run and found) else 0
    finally:
        letters.let_go()


def main() -> int:
    parser = argparse.ArgumentParser(prog="phenom.commands.redrive_users", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--dry-run", action="store_true", help="only list who was given up, and why")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    arguments = parser.parse_args()
    try:
        return run(find_sign_in(arguments.env, arguments.stack), dry_run=arguments.dry_run)
    except (UnreachableError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. Nothing is lost; run it again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
