"""Image parsers with damaged and random bytes: they return a type, refuse, or raise an error of the reader."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testkit.samples import drawings
from testkit.samples.images import VALID
from tests.unit.validator.formats.parsing import parser_of, reader_of
from validator.formats.polyglots.trailing import refuse_zip_tail
from validator.formats.reader import BudgetExceededError, TruncatedError
from validator.formats.verdict import RefusedError

SEEDS = {kind: [data for data in made().values() if len(data) < 20_000] for kind, made in VALID.items()}
SEEDS["svg"] = [data for data in drawings.valid().values() if len(data) < 20_000]
KINDS = list(SEEDS)
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(("replace", "insert", "delete", "cut", "double")),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x01\0\0\0")),
    ),
    min_size=1,
    max_size=6,
)
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def mutated(data, edits):
    for share, action, value in edits:
        at = int(share * len(data))
        match action:
            case "replace":
                data = data[:at] + value + data[at + len(value) :]
            case "insert":
                data = data[:at] + value + data[at:]
            case "delete":
                data = data[:at] + data[at + len(value) :]
            case "cut":
                data = data[:at]
            case "double":
                data = data[:at] + data[at // 2 :]
    return data


def check_parser(kind, data):
    module = parser_of(kind)
    module.recognises(data[:16384])
    reader = reader_of(module, data)
    try:
        assert module.parse(reader) == module.MIME
        refuse_zip_tail(reader)
    except (RefusedError, TruncatedError, BudgetExceededError):
        pass
    assert reader.cost.bytes_read <= module.BUDGET.max_bytes
    assert reader.cost.ranges <= module.BUDGET.max_ranges


@pytest.mark.parametrize("kind", KINDS)
@relaxed
@given(draw=st.data(), edits=EDITS)
def test_damaged_image_raises_only_declared_errors(kind, draw, edits):
    check_parser(kind, mutated(draw.draw(st.sampled_from(SEEDS[kind])), edits))


@pytest.mark.parametrize("kind", KINDS)
@relaxed
@given(tail=st.binary(max_size=300), keep=st.integers(0, 64), draw=st.data())
def test_random_bytes_after_a_header_raise_only_declared_errors(kind, tail, keep, draw):
    check_parser(kind, draw.draw(st.sampled_from(SEEDS[kind]))[:keep] + tail)


@relaxed
@given(tail=st.binary(max_size=400))
def test_random_bytes_are_not_taken_for_an_archive(tail):
    """A ZIP is recognised by more than the four magic bytes of its last record."""
    module = parser_of("png")
    refuse_zip_tail(reader_of(module, tail.replace(b"PK\x05\x06", b"")))
    refuse_zip_tail(reader_of(module, b"PK\x05\x06" + b"\x80" * 18 + tail.replace(b"PK\x05\x06", b"")))
