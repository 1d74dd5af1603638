"""Creates the preconditions of an event (`given` in events/README.md); removes them and the event's effects."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from local.aws import Aws
from local.stack import Stack
from phenom.aws.dead_letter_queue import DeadLetterQueue
from phenom.aws.stacks import LIVE

_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r'"sourceIp": "([^"]*)"')
_USER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Traces:
    """Ids and keys that an event may leave behind, as named by the event, its expectation or its result."""

    upload_ids: frozenset[str]
    user_ids: frozenset[str]
    keys: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, event: object, expected: Mapping[str, Any], outcome: object) -> "Traces":
        given = expected.get("given", {})
        text = json.dumps([event, given, outcome])
        keys = [each["key"] for each in given.get("objects", [])]
        return cls(
            frozenset(_UPLOAD_ID.findall(text)),
            frozenset(_USER_ID.findall(text)),
            frozenset(keys),
            frozenset(_ADDRESS.findall(text)),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """The local cloud's table, buckets and database."""

    running: Stack
    aws: Aws

    def set_up(self, given: Mapping[str, Any]) -> None:
        dynamodb, s3 = self.aws.client("dynamodb"), self.aws.client("s3")
        for item in given.get("uploads", []):
            dynamodb.put_item(TableName=self.running.uploads_table, Item=item)
        for item in given.get("wrongPasswords", []):
            dynamodb.put_item(TableName=self.running.wrong_passwords_table, Item=item)
        for each in given.get("objects", []):
            s3.put_object(Bucket=self.running.staging_bucket, Key=each["key"], Body=base64.b64decode(each["body"]))
        for row in given.get("users", []):
            columns, values = map(sql.Identifier, row), map(sql.Literal, row.values())
            insert = sql.SQL("INSERT INTO users ({}) VALUES ({})")
            with psycopg.connect(self.running.database_url) as database:
                database.execute(insert.format(sql.SQL(", ").join(columns), sql.SQL(", ").join(values)))

    def clear(self, traces: Traces) -> None:
        dynamodb, s3 = self.aws.client("dynamodb"), self.aws.client("s3")
        for upload_id in traces.upload_ids:
            key = {"uploadId": {"S": upload_id}}
            gone = dynamodb.delete_item(TableName=self.running.uploads_table, Key=key, ReturnValues="ALL_OLD")
            if "Attributes" in gone:
                self._delete_final(s3, gone["Attributes"].get("finalKey", {}).get("S"))
                self._abort_multipart(s3, f"uploads/{upload_id}.")
        for address in traces.addresses:
            dynamodb.delete_item(TableName=self.running.wrong_passwords_table, Key={"address": {"S": address}})
        for staged in traces.keys:
            for place in (staged, staged.replace("uploads/", "held/", 1)):
                s3.delete_object(Bucket=self.running.staging_bucket, Key=place)
        if traces.user_ids:
            with psycopg.connect(self.running.database_url) as database:
                database.execute("DELETE FROM users WHERE id = ANY(%s::uuid[])", [list(traces.user_ids)])

    def _delete_final(self, s3: Any, key: str | None) -> None:
        """Deletes all versions, since the bucket keeps them."""
        versions = s3.list_object_versions(Bucket=self.running.final_bucket, Prefix=key) if key else {}
        for version in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            if version["Key"] == key:
                s3.delete_object(Bucket=self.running.final_bucket, Key=key, VersionId=version["VersionId"])

    def _abort_multipart(self, s3: Any, prefix: str) -> None:
        staging = self.running.staging_bucket
        for each in s3.list_multipart_uploads(Bucket=staging, Prefix=prefix).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=staging, Key=each["Key"], UploadId=each["UploadId"])

    def forget_dead_letters(self, bodies: set[str]) -> None:
        """Deletes the dead letters that events caused, recognised by their bodies."""
        variables = self._configuration(self.running.functions["user_sync"])["Environment"]["Variables"]
        letters = DeadLetterQueue(self.aws.client("sqs"), variables["DEAD_LETTER_QUEUE_URL"])
        try:
            for message in letters.receive():
                if message["Body"] in bodies:
                    letters.delete(message["MessageId"])
        finally:
            letters.release()

    @contextmanager
    def validator_paused(self) -> Iterator[None]:
        """Pauses the deployed validator, so that only the one in the container handles the objects of events.

        Uploads wait in the queue meanwhile. Messages about objects that were deleted do no harm later.
        """
        lambda_ = self.aws.client("lambda")
        name = f"{self.running.functions['validator']}:{LIVE}"
        mappings = [
            each["UUID"] for each in lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        ]
        try:
            for mapping in mappings:
                lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
            yield
        finally:
            for mapping in mappings:  # also when a killed command left it disabled
                lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)

    def _configuration(self, function: str) -> Any:
        return self.aws.client("lambda").get_function_configuration(FunctionName=function, Qualifier=LIVE)


def dead_letters_of(events: Iterable[Any]) -> set[str]:
    """Returns the message bodies in these events; those that no retry can fix go to the dead-letter queue."""
    records = [event.get("Records", []) for event in events]
    return {record["body"] for each in records for record in each}
