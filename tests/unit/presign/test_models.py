"""Request bodies: which are accepted, and the errors of the others."""

import base64
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presign.models import FIELDS, MAX_BODY_CHARACTERS, InvalidRequestError, UploadRequest, parse
from tests.unit.presign.fakes import GOOD, PASSWORD, body
from tests.unit.presign.refusals import complaints, outcome

DIGEST = base64.b64encode(bytes(range(32))).decode()


def raw_number(literal: str) -> str:
    return body().replace(str(GOOD["fileSize"]), literal)


def test_valid_request_is_parsed():
    request = parse(body(sha256=DIGEST))
    assert request.password.reveal() == PASSWORD
    assert (request.file_name, request.content_type, request.file_size, request.sha256) == (
        "IMG_0042.MOV",
        "video/quicktime",
        48_211_234,
        DIGEST,
    )


def test_sha256_is_optional():
    assert parse(body()).sha256 is None
    assert parse(body(sha256=None)).sha256 is None


def test_known_fields_are_exactly_those_of_the_api():
    assert {
        "password",
        "fileName",
        "contentType",
        "fileSize",
        "sha256",
        "partChecksums",
        "partNumbers",
        "parts",
    } == FIELDS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "null",
        "[]",
        "3",
        '"text"',
        "\ufeff{}",
        "\x00",
        "{'password': 'x'}",
        "fileName=a",
        "[" * 10_000,
        '{"password":' * 1000,
        "{" + '"a":[' * 300 + "]" * 300 + "}",
        '{"password": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"password": "\ud800"}',
        '{"password": "a\nb"}',
        raw_number("9" * 5000),
        raw_number("0x10"),
        raw_number("+1"),
    ],
)
def test_invalid_json_object_is_an_error_of_the_body(text):
    assert list(complaints(text)) == ["body"]


def test_too_long_body_is_not_parsed():
    assert complaints(" " * MAX_BODY_CHARACTERS + body()) == {"body": "must not be longer than 16384 characters"}


def test_missing_fields_are_named():
    assert complaints("{}") == dict.fromkeys(("password", "fileName", "contentType", "fileSize"), "Field required")


@pytest.mark.parametrize("field", ["password", "fileName", "contentType"])
@pytest.mark.parametrize("value", [None, True, 1, 1.5, [], ["text"], {}, {"$ne": ""}])
def test_text_field_accepts_only_text(field, value):
    assert complaints(body(**{field: value})) == {field: "Input should be a valid string"}


@pytest.mark.parametrize("literal", ["true", "false", "null", '"1"', "[]", "{}", "1.5", "NaN", "Infinity", "-Infinity"])
def test_size_that_is_not_a_number_is_refused(literal):
    assert list(complaints(raw_number(literal))) == ["fileSize"]


@pytest.mark.parametrize("literal", ["1.0", "1e3", "1E3", "1e400"])
def test_size_not_written_as_an_integer_is_refused(literal):
    """1e3 is whole but refused, because Content-Length is written with digits only."""
    assert complaints(raw_number(literal)) == {"fileSize": "Input should be a valid integer"}


@pytest.mark.parametrize("literal", ["0", "-0", "-1", "-" + "9" * 400])
def test_size_below_1_is_refused(literal):
    assert complaints(raw_number(literal)) == {"fileSize": "Input should be greater than 0"}


@pytest.mark.parametrize("size", [1, 2**53 + 1, 2**64, 10**4000])
def test_large_size_is_exact(size):
    assert parse(raw_number("1" + "0" * 4000) if size > 10**400 else raw_number(str(size))).file_size == size


def test_last_duplicate_key_counts():
    """Safe, because no second parser reads the body and could use the first one."""
    assert parse(body()[:-1] + ', "fileSize": 7}').file_size == 7


@pytest.mark.parametrize("field", ["file_size", "FileSize", "__class__", "uploadId", "key", "bucket", "acl"])
def test_unknown_field_is_named(field):
    assert complaints(body(**{field: 1})) == {field: "Extra inputs are not permitted"}


def test_unprintable_characters_of_a_field_name_are_replaced():
    assert list(complaints(body(**{"a\x1b[31m\u202eb\n": 1}))) == ["a\ufffd[31m\ufffdb\ufffd"]


def test_long_field_name_is_cut():
    assert list(complaints(body(**{"x" * 5000: 1}))) == ["x" * 100]


def test_at_most_ten_errors_are_reported():
    assert len(complaints(body(**{f"k{i}": i for i in range(1000)}))) == 10


@pytest.mark.parametrize("length", [0, 257, 5000])
def test_error_does_not_reveal_the_password_length(length):
    assert complaints(body(password="p" * length)) == {"password": "must have 1 to 256 characters"}


@pytest.mark.parametrize("password", ["p", " ", "é" * 256, "пароль", "🔑", "a\x00b", "\u202e", '"\\'])
def test_any_text_is_a_password(password):
    assert parse(body(password=password)).password.reveal() == password


@pytest.mark.parametrize(
    "secret", [repr, str, lambda request: json.dumps(asdict(request), default=str), lambda request: f"{request!s}"]
)
def test_password_is_in_no_repr(secret):
    assert PASSWORD not in secret(parse(body()))


@pytest.mark.parametrize("length", [0, 101, 5000])
def test_content_type_of_wrong_length_is_refused(length):
    assert list(complaints(body(contentType="x" * length))) == ["contentType"]


@pytest.mark.parametrize(
    "sha256",
    [
        "",
        "A" * 43,
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(33)).decode(),
        "00" * 32,
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        DIGEST + "\n",
        " " + DIGEST,
        DIGEST[:-1] + "é",
        "A" * 65,
        1,
        [DIGEST],
    ],
)
def test_sha256_that_is_not_base64_of_32_bytes_is_refused(sha256):
    assert list(complaints(body(sha256=sha256))) == ["sha256"]


def test_sha256_is_normalised_to_canonical_base64():
    """The unused bits at the end of base64 allow several spellings of one digest; S3 compares text."""
    assert parse(body(sha256="A" * 42 + "B=")).sha256 == "A" * 43 + "="


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_a_request_or_an_error(value):
    assert outcome(json.dumps(value))


@given(st.dictionaries(st.sampled_from([*sorted(FIELDS), "x"]), json_values))
def test_any_field_value_is_accepted_or_the_field_is_named(fields):
    found = outcome(json.dumps({**GOOD, **fields}))
    if isinstance(found, UploadRequest):
        assert type(found.file_size) is int
    else:
        assert found <= {*fields, "body"}


@given(st.text(max_size=500))
def test_any_text_is_an_invalid_request(text):
    with pytest.raises(InvalidRequestError):
        parse(text)


@given(st.binary(min_size=8, max_size=20), st.sampled_from(sorted(FIELDS - {"password"})))
def test_error_repeats_no_value(noise, field):
    secret = noise.hex()
    with pytest.raises(InvalidRequestError) as refused:
        parse(body(**{"password": secret, field: [secret]}))
    assert secret not in str(refused.value)
