"""Invariants that every input must satisfy, as the docstrings of the code promise."""

import io
import re
import zipfile
import zlib
from typing import get_args

from tests.fuzz.effort import bounded
from tests.fuzz.second_reader import check_drawing
from tests.fuzz.truncation import truncation_points
from tests.fuzz.watched_file import GENEROUS, WatchedFile, small_blocks
from validator.formats.polyglots.second_file import TAIL_BYTES
from validator.formats.reader import HEAD_BYTES, Budget, BudgetExceededError, RangeReader, TruncatedError
from validator.formats.verdict import Refusal, RefusedError, Verdict
from validator.inspection import FORMATS, Format, budget_for, inspect


def types_of(module: Format) -> list[str]:
    """Returns the media types that the parser accepts."""
    return [mime for mime, each in FORMATS.items() if each is module]


PARSERS = {module.__name__.rpartition(".")[2]: module for module in FORMATS.values()}
"""Parsers by the name of their module."""
TYPES = tuple(FORMATS)
VIDEOS = frozenset(name for name in PARSERS if types_of(PARSERS[name])[0].startswith("video/"))
RASTER = PARSERS.keys() - VIDEOS - {"svg"}
_REASONS = frozenset(get_args(Refusal.__value__))
_SENTENCE = re.compile(r"[A-Z][ -~]{10,250}\.")
_ACTIVE = re.compile(rb"<\?php\s|<script[\s>/]", re.IGNORECASE)
"""Examples of program code and of web pages; every search for active content must find both."""
_ACTIVE_IN_VIDEO = re.compile(rb"<\?php\s|<script[\s>]", re.IGNORECASE)
_TROUBLES = 5


def check_parser(name: str, module: Format, data: bytes) -> str:
    """Checks a single parser. Returns its answer: a type, a reason or a state."""
    with bounded(len(data)):
        file, said = _parse(module, data, module.BUDGET)
    if name in VIDEOS:
        with bounded(len(data)), small_blocks():
            _parse(module, data, module.BUDGET, small=True)  # so that the walk ends early, as in long videos
    if not said.startswith(("image/", "video/")):
        return said
    assert said in types_of(PARSERS[name]), "a parser that returns the type of another"
    for length in truncation_points(name, data):
        _, cut = _parse(module, data[:length], GENEROUS)
        assert "/" not in cut, f"accepted when truncated to {length:,} of {len(data):,} bytes"
    if name in RASTER:
        _check_searched(file, "bytes that were read were not searched")
        _check_small_blocks(module, data)
    if name == "svg":
        check_drawing(data)
    return said


def _parse(module: Format, data: bytes, budget: Budget, *, small: bool = False) -> tuple[WatchedFile, str]:
    file = WatchedFile(data, budget)
    reader = file.reader_of_small_blocks() if small else file.reader()
    said = _outcome(module, reader)
    file.check_cost(reader)
    return file, said


def _outcome(module: Format, reader: RangeReader) -> str:
    """Returns the parser's answer. The fuzzer reports any undeclared exception."""
    if not reader.size or not module.recognises(reader.head()):
        return "not recognised"
    try:
        return str(module.parse(reader))
    except RefusedError as error:
        refusal = error
    except TruncatedError:
        return "truncated"
    except BudgetExceededError:
        return "over budget"
    assert refusal.reason in _REASONS, "a reason that the ledger does not know"
    return refusal.reason


def _check_small_blocks(module: Format, data: bytes) -> None:
    """With smaller blocks a parser sees no more of the file, so its verdict must not change."""
    with small_blocks():
        file, said = _parse(module, data, GENEROUS, small=True)
    assert "/" in said, f"accepted, but {said} when the same bytes come in smaller blocks"
    _check_searched(file, "bytes across two blocks were not searched")


def _check_searched(file: WatchedFile, complaint: str) -> None:
    assert not any(_ACTIVE.search(stretch) for stretch in file.stretches()), complaint


def check_inspection(data: bytes) -> Verdict | None:
    """Checks the whole inspection. The first three bytes choose the declared type, a fault, and its moment."""
    if len(data) < 3:
        return None
    kind, trouble, when, body = data[0], data[1] % _TROUBLES, data[2], data[3:]
    declared = (*TYPES, "application/x-unknown")[kind % (len(TYPES) + 1)]
    with bounded(len(body)):
        verdict = _inspect(body, declared, trouble, when)
    if verdict.accepted or zlib.crc32(body) % 8 == 0:
        assert _inspect(body, declared, trouble, when) == verdict, "another verdict the second time"
    if verdict.accepted:
        _check_accepted(body, declared, verdict)
    else:
        assert verdict.reason in _REASONS, "a reason that the ledger does not know"
        assert _SENTENCE.fullmatch(verdict.detail), "the detail is no sentence"
        assert verdict.mime in {None, *TYPES} - {declared}, "rejected with the declared type"
        assert verdict.mime is None or verdict.reason == "type_mismatch", "a type, but no mismatch"
    return verdict


def _inspect(body: bytes, declared: str, trouble: int, when: int) -> Verdict:
    budget, short_at, late_at = budget_for(declared), -1, -1
    match trouble:
        case 1:
            budget = Budget(budget.max_bytes, when % 40, budget.max_seconds)
        case 2:
            budget = Budget(when * 256, budget.max_ranges, budget.max_seconds)
        case 3:
            short_at = when % 40
        case 4:
            late_at = 1 + when % 40
    file = WatchedFile(body, budget, short_at=short_at, late_at=late_at)
    reader = file.reader()
    verdict = inspect(reader, declared)
    file.check_cost(reader)
    return verdict


def _check_accepted(body: bytes, declared: str, verdict: Verdict) -> None:
    assert verdict == Verdict(declared), "accepted as something else than declared"
    other = TYPES[(TYPES.index(declared) + 1) % len(TYPES)]
    assert not _inspect(body, other, 0, 0).accepted, "accepted as two types"
    assert not _zip_members(body), "accepted, and Python opens it as a ZIP"
    if declared == "image/svg+xml":
        check_drawing(body)
        return
    head, tail = body[:HEAD_BYTES], body[-TAIL_BYTES:]
    pattern = _ACTIVE_IN_VIDEO if declared.startswith("video/") else _ACTIVE
    assert not pattern.search(head), "program code or a web page in the head"
    assert not declared.startswith("video/") or not pattern.search(tail), "program code or a web page in the tail"
    assert b"%PDF-" not in head[:1024], "a PDF as well"


def _zip_members(body: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        return []
