"""Every file of the corpus gets the expected verdict and reason at a bounded cost."""

import os
from pathlib import Path

import pytest

from testkit.corpus.generate import FAMILIES, corpus, manifest
from testkit.corpus.judge import Judged, judge
from testkit.corpus.tools import MissingProgramError, versions
from uploads.media_types import MEDIA_TYPES
from validator.formats.polyglots.second_file import MAX_PADDING

VIDEO_BYTES = 128 * 1024
RANGES = 64
SECONDS = 5.0
"""Generous, so that a busy machine does not fail the test."""


@pytest.fixture(scope="session")
def folder() -> Path:
    try:
        versions()
    except MissingProgramError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    return corpus()


@pytest.fixture(params=FAMILIES)
def family(request, folder) -> list[Judged]:
    entries = [entry for entry in manifest(folder) if entry["family"] == request.param]
    assert entries, "the family is empty"
    return list(judge(folder, entries))


def _table(judged: list[Judged]) -> str:
    return "\n".join(case.complaint() for case in judged)


def _padding(case: Judged) -> int:
    """Returns how many more bytes may be read: all zeros behind a video, and the end of the video before them."""
    return (
        min(case.entry["size"], MAX_PADDING) + VIDEO_BYTES + 4096 if case.entry["family"].endswith("_recorders") else 0
    )


def test_every_verdict_is_as_expected_within_its_cost(family):
    """No false accept, no false reject, the right reason, no exception, bounded reads and time."""
    wrong = [case for case in family if not case.right]
    assert not wrong, f"{len(wrong)} of {len(family)} verdicts are wrong:\n{_table(wrong)}"

    costly = [
        f"{case.entry['file']}: {case.bytes_read:,} of {case.entry['size']:,} bytes in {case.ranges} ranges, "
        f"{case.seconds:.1f} s"
        for case in family
        if (case.declared.startswith("video/") and case.bytes_read > VIDEO_BYTES + _padding(case))
        or case.bytes_read > 2 * case.entry["size"] + VIDEO_BYTES
        or case.ranges > RANGES
        or case.seconds > SECONDS
    ]
    assert not costly, "\n".join(costly)


def test_corpus_has_valid_and_malformed_files_of_every_type(folder):
    """At least 200 good and 300 bad files, both for each accepted type."""
    entries = manifest(folder)
    wanted = [entry for entry in entries if entry["expected"] == "accept"]
    unwanted = [entry for entry in entries if entry["expected"] != "accept"]
    assert len(wanted) >= 200
    assert len(unwanted) >= 300
    types = {entry["declared"] for entry in entries}
    assert types == MEDIA_TYPES.keys()
    assert {entry["declared"] for entry in wanted} == types == {entry["declared"] for entry in unwanted}
