"""Fuzz targets: each parser, the whole inspection, and all other code that reads untrusted bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from presign import models
from tests.fuzz import mutators, trees
from tests.fuzz.effort import bounded
from tests.fuzz.mutators import Mutator
from tests.fuzz.oracles import PARSERS, check_inspection, check_parser
from uploads.reasons import Reason
from validator.clamav import parse_reply
from validator.ports import Infection, ScannerError
from validator.s3_events import MalformedMessageError, created_keys

BUCKET = "phenom-local-staging-000000000000"
INSPECTION_CHOICES = 3
"""Number of bytes before the file in an input of `inspect`: declared type, fault, and its moment."""

_MUTATORS: dict[str, Mutator] = {
    "jpeg": mutators.tree_mutator(trees.Segments(), 2),
    "png": mutators.tree_mutator(trees.Png(), 8),
    "webp": mutators.tree_mutator(trees.Riff()),
    "avi": mutators.tree_mutator(trees.Riff()),
    "isobmff": mutators.tree_mutator(trees.Boxes()),
    "webm": mutators.tree_mutator(trees.Ebml()),
    "asf": mutators.tree_mutator(trees.Asf()),
    "svg": mutators.mutate_markup,
}
_RUNS = {"jpeg": 2_000, "png": 1_200, "isobmff": 1_500, "webm": 2_000, "mpeg": 2_000, "bmp": 8_000, "svg": 6_000}
_HIDDEN = (b"<?php ", b"<script>", b"</script ", b"PK\x03\x04\x14\x00", b"PK\x05\x06", b"%PDF-1.7", b"ustar")
_WORDS: dict[str, tuple[bytes, ...]] = {
    "svg": (
        b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<!DOCTYPE svg", b"<style>", b"</style>", b"<use href='#a'/>",
        b"<foreignObject", b" onload='1'", b" xlink:href='", b"javascript:", b"&#x6a;", b"data:image/png;base64,",
        b"url(", b"@import", b"@namespace", b"expression(", b"/*", b"*/", b"\\\\6a ", b" xmlns='", b"<animate ",
        b"attributeName='href'", b"encoding='utf-16'", b"encoding='utf-7'", b"<?x >", b"<p xmlns='u'>",
        b"<title>", b"<pattern id='a'>", b"<filter id='a'>", b"<mask id='a'>", b" class='a'", b"\xff\xfe",
        b"\xef\xbb\xbf", b"&lt;", b"<!DOCTYPE svg [<!ENTITY ns_a 'http://a/'>]>", b"&ns_a;", b"<script/>",
        b"<script id='a'> </script>", b"<layer>", b" onclick='null'", b"data:;base64,T1RU", b"data:img/png,",
        b"<a href='https://a/'>", b" background='red'", b"encoding='windows-1252'",
    ),
    "presign": (b'"password"', b'"fileName"', b'"contentType"', b'"fileSize"', b'"sha256"', b"\\\\ud800", b"1e400"),
    "messages": (b'"Records"', b'"eventName"', b'"s3"', b'"bucket"', b'"object"', b'"key"', b"%ff", b"\\\\ud800", b"+"),
    "clamd": (b"stream: ", b" FOUND", b" ERROR", b"OK", b"INSTREAM size limit exceeded", b"Heuristics."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A fuzz target: `check` raises if an input shows a defect; `words` are a dictionary for the fuzzer.

    `runs` is the number of inputs of a short run, about two seconds.
    """

    name: str
    check: Callable[[bytes], object]
    mutate: Mutator = mutators.mutate_bytes
    words: tuple[bytes, ...] = ()
    longest: int = 24 * 1024
    runs: int = 4_000


def check_messages(data: bytes) -> None:
    """Checks bodies of SQS messages: valid S3 keys, or the one declared error."""
    body = data.decode(errors="replace")
    with bounded(len(data)):
        try:
            keys = created_keys(body, BUCKET)
        except MalformedMessageError:
            return
    assert all(isinstance(key, str) and key.encode() is not None for key in keys), "a key that is not text"
    assert len(keys) <= len(data) / 20, "more keys than the message can hold"
    assert created_keys(body, BUCKET) == keys, "other keys the second time"


def check_request(data: bytes) -> None:
    """Checks bodies of POST /upload/generate-url: a request within its limits, or a list of errors."""
    body = data.decode(errors="surrogateescape")
    with bounded(len(data)):
        found = _parsed(body)
    if isinstance(found, models.InvalidRequestError):
        assert found.errors, "rejected without a reason"
        assert all(error.field.isprintable() and error.detail for error in found.errors), "unprintable errors"
        return
    assert len(body) <= models.MAX_BODY_CHARACTERS
    assert found.file_size > 0
    assert 1 <= len(found.file_name) <= models.MAX_FILE_NAME_CHARACTERS
    assert not {"/", "\\", "\0", "\r", "\n"} & set(found.file_name), (
        "a file name that is a path or contains line breaks"
    )
    found.file_name.encode()
    assert found.password.reveal() not in repr(found) or len(found.password.reveal()) < 12
    assert json.loads(body)["fileName"] == found.file_name, "another file name than the client's"


def _parsed(body: str) -> models.UploadRequest | models.InvalidRequestError:
    try:
        return models.parse_as(models.UploadRequest, body)
    except models.InvalidRequestError as refusal:
        return refusal


def check_reply(data: bytes) -> None:
    """Checks replies of clamd: only one reply means clean."""
    with bounded(len(data)):
        try:
            infection = parse_reply(data)
        except ScannerError:
            return
    if infection is None:
        assert data in {b"stream: OK\0", b"stream: OK"}, "clean without an explicit OK"
    else:
        assert isinstance(infection, Infection)
        assert infection.reason in {Reason.INFECTED, Reason.UNSCANNABLE}, "a reason that no scanner gives"


def _targets() -> tuple[Target, ...]:
    recognised = tuple((PARSERS[name].recognises, mutator) for name, mutator in _MUTATORS.items())
    whole = mutators.after_prefix(INSPECTION_CHOICES, mutators.by_format(recognised))
    return (
        Target("inspect", check_inspection, whole, _HIDDEN, runs=1_500),
        *(
            Target(
                name, partial(check_parser, name, module), _MUTATORS.get(name, mutators.mutate_bytes),
                _WORDS.get(name, _HIDDEN), runs=_RUNS.get(name, 4_000),
            )
            for name, module in PARSERS.items()
        ),
        Target("messages", check_messages, words=_WORDS["messages"], longest=8 * 1024, runs=20_000),
        Target("presign", check_request, words=_WORDS["presign"], longest=20 * 1024, runs=20_000),
        Target("clamd", check_reply, words=_WORDS["clamd"], longest=4096, runs=20_000),
    )  # fmt: skip


TARGETS = {target.name: target for target in _targets()}
