"""An upload in parts, as a client of the deployed application makes it."""

import hashlib
import time
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from tests.e2e.api import Answer, Application


@dataclass(frozen=True)
class Parts:
    """A file that was announced. `begun` is the API's answer."""

    application: Application
    content: bytes
    begun: dict[str, Any]
    with_sha256: bool

    @classmethod
    def begin(cls, application: Application, content: bytes, mime: str, **fields: Any) -> "Parts":
        while (answer := ask(application, len(content), mime, **fields)).status == 429:
            time.sleep(int(answer.headers["retry-after"]))
        assert answer.status == 200, answer
        return cls(application, content, answer.json, with_sha256="partChecksums" in fields)

    @property
    def upload_id(self) -> str:
        return str(self.begun["uploadId"])

    @property
    def numbers(self) -> range:
        return range(1, self.begun["partCount"] + 1)

    def of(self, number: int) -> bytes:
        size = self.begun["partSize"]
        return self.content[(number - 1) * size : number * size]

    def call(self, method: str, path: str = "", body: Any = None) -> Answer:
        return self.application.call(method, f"/upload/{self.upload_id}{path}", body)

    def sign(self, *numbers: int) -> dict[int, dict[str, Any]]:
        body: dict[str, Any] = {"partNumbers": numbers}
        if self.with_sha256:
            body["sha256"] = {str(number): digest(self.of(number)) for number in numbers}
        answer = self.call("POST", "/parts", body)
        assert answer.status == 200, answer
        return {part["partNumber"]: part for part in answer.json["parts"]}

    def put(self, signed: dict[str, Any], content: bytes, **headers: str) -> Answer:
        answer = self.application.http.request(
            signed["method"], signed["uploadUrl"], body=content, headers=signed["headers"] | headers
        )
        return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.data)

    def send(self, *numbers: int) -> dict[int, str]:
        """The ETags of the parts, all of them where none is named."""
        etags = {}
        for number, signed in self.sign(*(numbers or self.numbers)).items():
            answer = self.put(signed, self.of(number))
            assert answer.status == 200, answer
            etags[number] = answer.headers["etag"]
        return etags

    def complete(self, etags: dict[int, str] | None = None) -> Answer:
        claims = [{"partNumber": number, "etag": etag} for number, etag in (etags or {}).items()]
        return self.call("POST", "/complete", {"parts": claims} if claims else None)


def ask(application: Application, size: int, mime: str, **fields: Any) -> Answer:
    """POST /upload/multipart with the right password and key; `fields` are camel case and override."""
    body = {"password": application.stack["password"], "fileName": "file.bin", "contentType": mime, "fileSize": size}
    return application.call("POST", "/upload/multipart", body | fields, {"x-api-key": application.stack["apiKey"]})


def digest(content: bytes) -> str:
    return b64encode(hashlib.sha256(content).digest()).decode()
