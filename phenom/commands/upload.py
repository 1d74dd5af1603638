"""Uploads files to the local cloud as a client would, and waits for the verdicts."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from local import stack
from local.progress import TroubleError
from local.upload_client import Client, Source, UploadRefusedError
from phenom.errors import DONE, NOT_ALL_DONE, REFUSED
from phenom.terminal import progress_reader

_HELD = "it could not be validated and is kept; `phenom redrive local` retries it"
_EXIT_CODES = {"accepted": DONE, "rejected": NOT_ALL_DONE, "refused": NOT_ALL_DONE}


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one file: the API's status document, or `refused` or `trouble` as `status`."""

    file: Path
    document: dict[str, Any]

    @property
    def exit_code(self) -> int:
        return _EXIT_CODES.get(self.document["status"], REFUSED)


def connect(stack_file: Path, password: str | None, patience: float) -> Client:
    """Returns a client of the running local cloud. Raises TroubleError."""
    running = stack.offered(stack_file)
    return Client(running.api_url, running.api_key, password or running.password, patience=patience)


def run(client: Client, files: Sequence[Path], declared: str | None, *, as_json: bool) -> int:
    """Uploads each file even if another one fails. Returns the highest exit code."""
    code = DONE
    for file in files:
        result = upload(client, file, declared, _open if as_json else _open_with_progress)
        print(as_json_text(result) if as_json else render(result), flush=True)
        code = max(code, result.exit_code)
    return code


def upload(client: Client, file: Path, declared: str | None, open_file: Callable[[Path], Any]) -> Result:
    """Uploads one file and waits for its verdict."""
    known: dict[str, Any] = {}
    try:
        source = Source.of(file, declared)
        issued = client.issue(source)
        known = {"uploadId": issued["uploadId"]}
        with open_file(file) as content:
            client.put(issued, content, source.size)
        return Result(file, client.verdict(issued["statusUrl"]))
    except UploadRefusedError as error:
        return Result(file, {"status": "refused", "reason": error.code, "detail": error.detail, **known})
    except TroubleError as error:
        return Result(file, {"status": "trouble", "detail": str(error), **known})


def as_json_text(result: Result) -> str:
    return json.dumps({"file": str(result.file), **result.document})


def render(result: Result) -> str:
    file, document = result.file, result.document
    status = document["status"]
    if status == "accepted":
        return f"{file}: accepted as {document['finalKey']}"
    reason = f" ({document['reason']})" if document.get("reason") else ""
    detail = _HELD if status == "held" else document.get("detail")
    text = f"{file}: {status}{reason}" + (f": {detail}" if detail else "")
    if "uploadId" in document:
        text += f"\n  Details: phenom logs local {document['uploadId']}"
    return text


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as content:
        yield content


@contextmanager
def _open_with_progress(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as content, progress_reader(content, file.name, file.stat().st_size) as watched:
        yield watched
