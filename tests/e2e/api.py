"""The tests' client of the deployed application: its API, its buckets and its queues."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import urllib3

from phenom.functions import FUNCTIONS

VERDICT_SECONDS = 60
FINAL_STATES = {"accepted", "rejected", "held"}


@dataclass(frozen=True)
class Response:
    """An HTTP response with lower-case header names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Application:
    """The deployed stack. `stack` is the content of stack.json."""

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

    def client_in_role(self, role: str) -> Callable[[str], Any]:
        """Returns a function that creates clients with the rights of a role."""
        granted = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return lambda service: boto3.client(
            service,
            endpoint_url=self.stack["endpointUrl"],
            region_name=self.stack["region"],
            aws_access_key_id=granted["AccessKeyId"],
            aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
        )

    def output(self, name: str) -> str:
        """Returns an output of the stack."""
        stack = self.client("cloudformation").describe_stacks(StackName="phenom-local")["Stacks"][0]
        return {each["OutputKey"]: str(each["OutputValue"]) for each in stack["Outputs"]}[name]

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def sqs(self) -> Any:
        return self.client("sqs")

    @cached_property
    def functions(self) -> Any:
        return self.client("lambda")

    def function_name(self, package: str) -> str:
        """Returns the deployed name of a function, given its package such as `user_sync`."""
        return str(self.stack["functions"][FUNCTIONS[package].stack_key])

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        response = self.http.request(method, self.stack["apiUrl"] + path, body=content, headers=headers or {})
        return Response(response.status, {k.lower(): v for k, v in response.headers.items()}, response.data)

    def request_url(self, **fields: Any) -> Response:
        """Calls POST /upload/generate-url with password and API key; `fields` (camel case) override the body."""
        request = {"password": self.stack["password"], "fileName": "file.bin"} | fields
        return self.call("POST", "/upload/generate-url", request, {"x-api-key": self.stack["apiKey"]})

    def issue(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        """Returns the body of a successful `request_url`. Repeats a throttled call after `Retry-After` seconds."""
        while True:
            response = self.request_url(contentType=mime, fileSize=len(content), **fields)
            if response.status != 429:
                break
            time.sleep(int(response.headers["retry-after"]))
        assert response.status == 200, response
        return response.json

    def put(self, issued: dict[str, Any], content: bytes, **changes: str | None) -> Response:
        """Sends the PUT of an issued URL. `changes` replace headers (underscores for dashes); None removes one."""
        replaced = issued["headers"] | {name.replace("_", "-"): value for name, value in changes.items()}
        headers = {name: value for name, value in replaced.items() if value is not None}
        response = self.http.request("PUT", issued["uploadUrl"], body=content, headers=headers)
        return Response(response.status, dict(response.headers), response.data)

    def upload(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        """Requests a URL and sends the content there. Returns what the API answered."""
        issued = self.issue(content, mime, **fields)
        response = self.put(issued, content)
        assert response.status == 200, response
        return issued

    def status(self, upload_id: str) -> dict[str, Any]:
        response = self.call("GET", f"/upload/{upload_id}")
        assert response.status == 200, response
        return response.json

    def wait_for_verdict(self, upload_id: str, seconds: float = VERDICT_SECONDS) -> dict[str, Any]:
        return wait_for(lambda: self._final_state(upload_id), seconds, f"verdict on {upload_id}")

    def _final_state(self, upload_id: str) -> dict[str, Any] | None:
        state = self.status(upload_id)
        return state if state["status"] in FINAL_STATES else None

    def upload_and_wait(self, content: bytes, mime: str, **fields: Any) -> dict[str, Any]:
        """Uploads the content and returns its final state."""
        return self.wait_for_verdict(self.upload(content, mime, **fields)["uploadId"])

    def staged_keys(self, prefix: str = "uploads/") -> set[str]:
        """Returns the keys of files; empty objects only seal used URLs."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.stack["stagingBucket"], Prefix=prefix)
        return {each["Key"] for page in pages for each in page.get("Contents", []) if each["Size"]}

    def wait_until_removed(self, staging_key: str) -> None:
        wait_for(lambda: staging_key not in self.staged_keys(), 30, f"removal of {staging_key}")

    def final_versions(self, key: str) -> list[str]:
        response = self.s3.list_object_versions(Bucket=self.stack["finalBucket"], Prefix=key)
        return [version["VersionId"] for version in response.get("Versions", [])]

    def dead_letters(self) -> list[str]:
        """Returns the bodies of messages in the validator's dead-letter queue without removing them."""
        url = self.stack["validatorDeadLetterQueueUrl"]
        response = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in response.get("Messages", [])]


def wait_for(probe: Any, seconds: float, what: str) -> Any:
    """Returns the first true value of `probe()`. Fails the test after `seconds`; `what` is named in the failure."""
    deadline = time.monotonic() + seconds
    while not (value := probe()):
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.1)
    return value
