"""Inspection of damaged and random bytes: every file gets a verdict, within its budget."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from testkit.samples import videos
from testkit.samples.videos import asf, fragmented, program_stream, webm
from tests.unit.validator.formats.parsing import outcome
from tests.unit.validator.formats.samples import VALID, VIDEOS, reader_of
from validator.formats import asf as asf_parser
from validator.formats import isobmff, mpeg
from validator.formats import webm as webm_parser
from validator.formats.reader import BudgetExceededError, TruncatedError
from validator.formats.riff import avi as avi_parser
from validator.formats.verdict import RefusedError
from validator.inspection import inspect

PARSERS = (isobmff, webm_parser, avi_parser, asf_parser, mpeg)


def mutations(samples):
    """Returns a strategy: a sample with some bytes changed, removed or inserted, truncated anywhere."""

    @st.composite
    def mutated(draw):
        data = bytearray(draw(st.sampled_from(samples)))
        for _ in range(draw(st.integers(0, 6))):
            at = draw(st.integers(0, len(data)))
            kind = draw(st.sampled_from(("set", "insert", "remove", "number")))
            if kind == "set":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            elif kind == "insert":
                data[at:at] = draw(st.binary(max_size=40))
            elif kind == "remove":
                del data[at : at + draw(st.integers(1, 40))]
            else:
                data[at : at + 4] = draw(
                    st.sampled_from((bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01", b"\x7f\xff\xff\xff"))
                )
        return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])

    return mutated()


SIZED = [*VIDEOS.values(), fragmented(), webm(unknown=True), videos.faststart()]
SEEDS = [*SIZED, asf(broadcast=True, data_size=50)]
hostile = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.data_too_large])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_parser_raises_only_declared_errors(parser):
    """For any bytes, including files of the other formats."""

    @hostile
    @given(mutations(SEEDS))
    def holds(data):
        with suppress(RefusedError, TruncatedError, BudgetExceededError):
            assert parser.parse(reader_of(data)) in VIDEOS

    holds()


@hostile
@given(st.one_of(mutations([*VALID.values(), *SEEDS]), st.binary(max_size=3000)), st.sampled_from(list(VALID)))
@example(b"", "video/mp4")
@example(b"\x00\x00\x00\x01ftyp", "video/mp4")
@example(b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe", "video/webm")
def test_inspection_never_raises_and_stays_within_its_budget(data, declared):
    """Every file is accepted as declared or refused with a reason and a sentence."""
    reader = reader_of(data, declared)
    verdict = inspect(reader, declared)
    assert verdict.accepted == (verdict.mime == declared and verdict.reason is None)
    assert verdict.accepted or verdict.detail.endswith(".")
    assert reader.cost.bytes_read <= reader.budget.max_bytes
    assert reader.cost.ranges <= reader.budget.max_ranges


@hostile
@given(st.sampled_from(SIZED), st.integers(0, 10_000))
def test_truncated_video_is_never_accepted(data, length):
    """At any length, unless the remaining part is a complete video."""
    truncated = data[: length % len(data)]
    parser = next(module for module in PARSERS if module.recognises(data))
    complete = [fragmented(n) + part for n in (1, 2) for part in (b"", videos.fragment()[:48])]
    complete += [program_stream(count=n) + part for n in (1, 2) for part in (b"", videos.PACK_2)]
    padded = {whole + bytes(zeros) for whole in complete for zeros in range(4)}
    if truncated and truncated not in padded:
        assert outcome(parser, truncated) in {"malformed", "unsupported_type"}
