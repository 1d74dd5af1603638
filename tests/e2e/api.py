"""A client of the deployed application, as the tests use it."""

import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import urllib3

VERDICT_SECONDS = 60
FINAL_STATES = {"accepted", "rejected", "held"}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Application:
    """The deployed stack, reached as its users and its operator reach it. `stack` is the content of stack.json."""

    stack: dict[str, Any]
    stack_file: Path
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=128, retries=False))

    def client(self, service: str, region: str | None = None) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.stack["endpointUrl"],
            region_name=region or self.stack["region"],
            aws_access_key_id=self.stack["accessKeyId"],
            aws_secret_access_key=self.stack["secretAccessKey"],
        )

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def sqs(self) -> Any:
        return self.client("sqs")

    @cached_property
    def functions(self) -> Any:
        return self.client("lambda")

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = self.http.request(method, self.stack["apiUrl"] + path, body=content, headers=headers or {})
        return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.data)

    def ask(self, **fields: Any) -> Answer:
        """POST /upload/generate-url with the right password and key; `fields` are camel case and override."""
        request = {"password": self.stack["password"], "fileName": "file.bin"} | fields
        return self.call("POST", "/upload/generate-url", request, {"x-api-key": self.stack["apiKey"]})

    def issue(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        """As `ask`; a throttled call is repeated after `Retry-After`, as any client has to."""
        while True:
            answer = self.ask(contentType=mime, fileSize=len(content), **fields)
            if answer.status != 429:
                break
            time.sleep(int(answer.headers["retry-after"]))
        assert answer.status == 200, answer
        return answer.json

    def put(self, issued: dict[str, Any], content: bytes, **changes: str | None) -> Answer:
        """The PUT that the client makes; `changes` replace headers (underscores for dashes), None leaves one out."""
        replaced = issued["headers"] | {name.replace("_", "-"): value for name, value in changes.items()}
        headers = {name: value for name, value in replaced.items() if value is not None}
        answer = self.http.request("PUT", issued["uploadUrl"], body=content, headers=headers)
        return Answer(answer.status, dict(answer.headers), answer.data)

    def upload(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        issued = self.issue(content, mime, **fields)
        answer = self.put(issued, content)
        assert answer.status == 200, answer
        return issued

    def status(self, upload_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/upload/{upload_id}")
        assert answer.status == 200, answer
        return answer.json

    def verdict(self, upload_id: str, seconds: float = VERDICT_SECONDS) -> dict[str, Any]:
        return wait_for(lambda: self._settled(upload_id), seconds, f"a verdict on {upload_id}")

    def _settled(self, upload_id: str) -> dict[str, Any] | None:
        state = self.status(upload_id)
        return state if state["status"] in FINAL_STATES else None

    def judge(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        return self.verdict(self.upload(content, mime, **fields)["uploadId"])

    def staged_keys(self, prefix: str = "uploads/") -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.stack["stagingBucket"], Prefix=prefix)
        return {each["Key"] for page in pages for each in page.get("Contents", [])}

    def wait_until_gone(self, staging_key: str) -> None:
        wait_for(lambda: staging_key not in self.staged_keys(), 30, f"removal of {staging_key}")

    def final_versions(self, key: str) -> list[str]:
        answer = self.s3.list_object_versions(Bucket=self.stack["finalBucket"], Prefix=key)
        return [version["VersionId"] for version in answer.get("Versions", [])]

    def dead_letters(self) -> list[str]:
        """The bodies of the messages in the dead-letter queue, which stay there."""
        url = self.stack["validatorDeadLetterQueueUrl"]
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]


def wait_for(probe: Any, seconds: float, what: str) -> Any:
    """The first true value of `probe()`; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := probe()):
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.1)
    return value
