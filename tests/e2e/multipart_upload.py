"""A client of the multipart API."""

import hashlib
import time
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from tests.e2e import samples
from tests.e2e.api import Application, Response

BMP = samples.image("image/bmp", 7, side=2000)  # 12 MB: two parts


@dataclass(frozen=True)
class MultipartUpload:
    """A file that was announced. `begun` is the API's response."""

    application: Application
    content: bytes
    started: dict[str, Any]
    with_sha256: bool

    @classmethod
    def start(cls, application: Application, content: bytes, mime: str, **fields: Any) -> "MultipartUpload":
        while (response := request_multipart(application, len(content), mime, **fields)).status == 429:
            time.sleep(int(response.headers["retry-after"]))
        assert response.status == 200, response
        return cls(application, content, response.json, with_sha256="partChecksums" in fields)

    @property
    def upload_id(self) -> str:
        return str(self.started["uploadId"])

    @property
    def numbers(self) -> range:
        return range(1, self.started["partCount"] + 1)

    def part(self, number: int) -> bytes:
        size = self.started["partSize"]
        return self.content[(number - 1) * size : number * size]

    def call(self, method: str, path: str = "", body: Any = None) -> Response:
        return self.application.call(method, f"/upload/{self.upload_id}{path}", body)

    def sign(self, *numbers: int) -> dict[int, dict[str, Any]]:
        body: dict[str, Any] = {"partNumbers": numbers}
        if self.with_sha256:
            body["sha256"] = {str(number): digest(self.part(number)) for number in numbers}
        response = self.call("POST", "/parts", body)
        assert response.status == 200, response
        return {part["partNumber"]: part for part in response.json["parts"]}

    def put(self, signed: dict[str, Any], content: bytes, **headers: str) -> Response:
        response = self.application.http.request(
            signed["method"], signed["uploadUrl"], body=content, headers=signed["headers"] | headers
        )
        return Response(response.status, {k.lower(): v for k, v in response.headers.items()}, response.data)

    def put_parts(self, *numbers: int) -> dict[int, str]:
        """Sends the given parts, or all of them, and returns their ETags by number."""
        etags = {}
        for number, signed in self.sign(*(numbers or self.numbers)).items():
            response = self.put(signed, self.part(number))
            assert response.status == 200, response
            etags[number] = response.headers["etag"]
        return etags

    def complete(self, etags: dict[int, str] | None = None) -> Response:
        """Completes the upload, with the ETags where the client states them."""
        claims = [{"partNumber": number, "etag": etag} for number, etag in (etags or {}).items()]
        return self.call("POST", "/complete", {"parts": claims} if claims else None)

    def staged(self) -> bytes:
        """Returns the content of the staged object after completion, before its verdict."""
        bucket = self.application.stack["stagingBucket"]
        content: bytes = self.application.s3.get_object(Bucket=bucket, Key=self.started["key"])["Body"].read()
        return content


def start_bmp(application: Application, **fields: str) -> MultipartUpload:
    """Starts an upload of `BMP`, which has two parts."""
    return MultipartUpload.start(application, BMP, "image/bmp", **fields)


def assert_conflict(response: Response, *details: str) -> None:
    assert (response.status, response.json["code"]) == (409, "conflict"), response
    assert [error["detail"] for error in response.json.get("errors", [])] == list(details)


def request_multipart(application: Application, size: int, mime: str, **fields: Any) -> Response:
    """Calls POST /upload/multipart with password and API key; `fields` (camel case) override the body."""
    body = {"password": application.stack["password"], "fileName": "file.bin", "contentType": mime, "fileSize": size}
    return application.call("POST", "/upload/multipart", body | fields, {"x-api-key": application.stack["apiKey"]})


def digest(content: bytes) -> str:
    return b64encode(hashlib.sha256(content).digest()).decode()
