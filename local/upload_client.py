"""A client of the upload API: issue, put, wait for the verdict."""

import base64
import hashlib
import mimetypes
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

import urllib3

from local.progress import TroubleError
from uploads.media_types import media_type_for

TRIES = 8
SLOWEST_POLL_SECONDS = 5.0
LONGEST_RETRY_AFTER_SECONDS = 60
CHUNK_BYTES = 1024 * 1024
_PENDING = {"issued", "validating"}
_RETRIED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class UploadRefusedError(Exception):
    """The API or the bucket refuses the file."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Source:
    """The properties of a file that a client declares before it sends the file."""

    name: str
    size: int
    content_type: str
    sha256: str

    @classmethod
    def of(cls, path: Path, content_type: str | None) -> "Source":
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise TroubleError(error.strerror or str(error)) from error
        return cls(path.name, path.stat().st_size, content_type or _type(path), base64.b64encode(digest).decode())


class Client:
    """Retries after throttling, outages and broken connections."""

    def __init__(self, api_url: str, api_key: str, password: str, patience: float) -> None:
        self._api_url = api_url
        self._api_key = api_key
        self._password = password
        self._patience = patience
        self._http = urllib3.PoolManager(
            retries=False, blocksize=CHUNK_BYTES, timeout=urllib3.Timeout(connect=5, read=60)
        )

    def issue(self, source: Source) -> dict[str, Any]:
        return self._call(
            "POST",
            "/upload/generate-url",
            json={
                "password": self._password,
                "fileName": source.name,
                "contentType": source.content_type,
                "fileSize": source.size,
                "sha256": source.sha256,
            },
            headers={"x-api-key": self._api_key},
        )

    def put(self, issued: dict[str, Any], file: BinaryIO, size: int) -> None:
        """Retries. A 412 on a retry means that an earlier attempt did arrive."""
        for attempt in range(TRIES):
            file.seek(0)
            headers = issued["headers"] | {"Content-Length": str(size)}
            try:
                answer = self._http.request(issued["method"], issued["uploadUrl"], body=file, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                if attempt == TRIES - 1:
                    raise TroubleError(f"The upload broke off: {error}") from error
                time.sleep(_pause(attempt))
                continue
            if answer.status == HTTPStatus.OK or (attempt and answer.status == HTTPStatus.PRECONDITION_FAILED):
                return
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise UploadRefusedError(f"http_{answer.status}", f"The bucket refused the file: {answer.data[:500]!r}")
            time.sleep(_pause(attempt))
        raise TroubleError("The bucket does not accept the file now.")

    def verdict(self, status_url: str) -> dict[str, Any]:
        deadline = time.monotonic() + self._patience
        pause = 0.2
        while (state := self._call("GET", status_url))["status"] in _PENDING:
            if time.monotonic() > deadline:
                raise TroubleError(f"No verdict within {self._patience:g} seconds; it is still {state['status']}.")
            time.sleep(pause)
            pause = min(pause * 1.5, SLOWEST_POLL_SECONDS)
        return state

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        for attempt in range(TRIES):
            try:
                answer = self._http.request(method, f"{self._api_url}{path}", **request)
            except urllib3.exceptions.HTTPError as error:
                trouble = f"The API does not answer: {error}"
                time.sleep(_pause(attempt))
                continue
            if answer.status == HTTPStatus.OK:
                content: dict[str, Any] = answer.json()
                return content
            problem = _problem(answer)
            if answer.status not in _RETRIED:
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise TroubleError(f"{problem.code}: {problem.detail}")
                raise problem
            trouble = str(problem)
            wait = float(answer.headers.get("Retry-After", _pause(attempt)))
            if wait > LONGEST_RETRY_AFTER_SECONDS:  # too long to wait unasked; the problem says how long
                break
            time.sleep(wait)
        raise TroubleError(trouble)


def _problem(answer: urllib3.BaseHTTPResponse) -> UploadRefusedError:
    try:
        content = answer.json()
        return UploadRefusedError(content["code"], content.get("detail", ""))
    except (ValueError, KeyError, TypeError):
        return UploadRefusedError(f"http_{answer.status}", repr(answer.data[:500]))


def _pause(attempt: int) -> float:
    return float(min(0.5 * 2**attempt, SLOWEST_POLL_SECONDS))


def _type(path: Path) -> str:
    """Uses our table first: the standard library's differs from it and between machines."""
    if media_type := media_type_for(path.name):
        return media_type.mime
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
