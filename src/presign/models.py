"""The bodies of requests, parsed and checked field by field.

pydantic-core does it, without pydantic's models above it: making those out of annotations is most of what pydantic
costs a start (docs/adr/0013-fast-starts.md). What is accepted, and what is said of what is not, is the same.
"""

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import CoreConfig, CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

MAX_BODY_CHARACTERS = 16 * 1024
MAX_FILE_NAME_CHARACTERS = 255
MAX_PASSWORD_CHARACTERS = 256
MAX_PARTS_AT_ONCE = 100
MAX_PARTS = 1000
MAX_COMPLETION_CHARACTERS = 128 * 1024

_SHA256_BYTES = 32
_ERRORS_TOLD = 10
_FIELD_NAME_CHARACTERS = 100
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Zs"})


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request: the field's name as the client wrote it, and what to do about it."""

    field: str
    detail: str


class InvalidRequestError(Exception):
    """The request cannot be understood. No value of the request is repeated in `errors`."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.detail}" for error in errors))
        self.errors = errors


def _plain_file_name(name: str) -> str:
    if any(unicodedata.category(c) in _UNPRINTABLE_CATEGORIES for c in name):
        raise ValueError("must not contain control characters")
    if not _BIDIRECTIONAL.isdisjoint(name):
        raise ValueError("must not contain marks that change the direction of text")
    if "/" in name or "\\" in name:
        raise ValueError("must be the bare name of a file, without a path")
    if all(c == "." or unicodedata.category(c) in _INVISIBLE_CATEGORIES for c in name):
        raise ValueError("must hold more than dots and what cannot be seen")
    return name


class Secret:
    """A text that is never shown by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"


def _password(text: str) -> Secret:
    # In our own words: those of pydantic-core tell how long the password was.
    if not 1 <= len(text) <= MAX_PASSWORD_CHARACTERS:
        raise ValueError(f"must have 1 to {MAX_PASSWORD_CHARACTERS} characters")
    return Secret(text)


def _sha256(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    if len(digest) != _SHA256_BYTES:
        raise ValueError("must be the base64 of a SHA-256 digest, 32 bytes")
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest:
    """What a client declares about the file that it wants to upload; `file_size` in bytes."""

    password: Secret
    file_name: str
    content_type: str
    file_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest(FileRequest):
    """POST /upload/generate-url; `sha256` is the file's digest in base64."""

    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartRequest(FileRequest):
    """POST /upload/multipart; `part_checksums`, "sha256", announces that every part will come with its digest."""

    part_checksums: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsRequest:
    """POST /upload/{uploadId}/parts; `sha256` holds the parts' digests in base64 by number."""

    part_numbers: list[int]
    sha256: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPart:
    """A part that the client has sent, and the ETag that S3 answered with, with its quotes or without."""

    part_number: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """POST /upload/{uploadId}/complete; a client that leaves `parts` out takes S3's word for what has arrived."""

    parts: list[SentPart] | None = None


type _Fields = dict[str, cs.TypedDictField]


def _required(name: str, schema: CoreSchema) -> cs.TypedDictField:
    return cs.typed_dict_field(schema, validation_alias=name, required=True)


def _optional(name: str, schema: CoreSchema) -> cs.TypedDictField:
    absent = cs.with_default_schema(cs.nullable_schema(schema), default=None)
    return cs.typed_dict_field(absent, validation_alias=name, required=False)


def _object(model: type, fields: _Fields) -> CoreSchema:
    """A JSON object that becomes a `model`."""
    content = cs.typed_dict_schema(fields, strict=True, extra_behavior="forbid")
    return cs.no_info_after_validator_function(lambda found: model(**found), content)


_TEXT = cs.str_schema(strict=True)
_PART_NUMBER = cs.int_schema(strict=True, ge=1)
_SHA256 = cs.no_info_after_validator_function(_sha256, cs.str_schema(strict=True, max_length=64))
_FILE_NAME = cs.str_schema(strict=True, min_length=1, max_length=MAX_FILE_NAME_CHARACTERS)
_FILE: _Fields = {
    "password": _required("password", cs.no_info_after_validator_function(_password, _TEXT)),
    "file_name": _required("fileName", cs.no_info_after_validator_function(_plain_file_name, _FILE_NAME)),
    "content_type": _required("contentType", cs.str_schema(strict=True, min_length=1, max_length=100)),
    "file_size": _required("fileSize", cs.int_schema(strict=True, gt=0)),
}
_DIGESTS = cs.dict_schema(cs.int_schema(), _SHA256, strict=True, max_length=MAX_PARTS_AT_ONCE)
_SENT_PART = _object(
    SentPart,
    {
        "part_number": _required("partNumber", _PART_NUMBER),
        "etag": _required("etag", cs.str_schema(strict=True, min_length=1, max_length=100)),
    },
)
_BODIES: Mapping[type, _Fields] = {
    UploadRequest: {**_FILE, "sha256": _optional("sha256", _SHA256)},
    MultipartRequest: {**_FILE, "part_checksums": _optional("partChecksums", cs.literal_schema(["sha256"]))},
    PartsRequest: {
        "part_numbers": _required(
            "partNumbers", cs.list_schema(_PART_NUMBER, strict=True, min_length=1, max_length=MAX_PARTS_AT_ONCE)
        ),
        "sha256": _optional("sha256", _DIGESTS),
    },
    CompletionRequest: {"parts": _optional("parts", cs.list_schema(_SENT_PART, strict=True, max_length=MAX_PARTS))},
}
_VALIDATORS: Mapping[type, SchemaValidator] = {
    model: SchemaValidator(_object(model, fields), CoreConfig(hide_input_in_errors=True))
    for model, fields in _BODIES.items()
}

FIELDS = frozenset(str(each["validation_alias"]) for fields in _BODIES.values() for each in fields.values())
"""The fields that there are, as the client writes them. Any other name in a FieldError is the client's own text."""


def parse(body: str) -> UploadRequest:
    """The body of POST /upload/generate-url. Raises InvalidRequestError as `parse_as` does."""
    return parse_as(UploadRequest, body)


def parse_as[Request](model: type[Request], body: str, longest: int = MAX_BODY_CHARACTERS) -> Request:
    """Raises InvalidRequestError, naming the fields that are wrong, the first _ERRORS_TOLD of them."""
    if len(body) > longest:
        raise InvalidRequestError(FieldError("body", f"must not be longer than {longest} characters"))
    try:
        found: Request = _VALIDATORS[model].validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidRequestError(
            *(FieldError(_field(e["loc"]), e["msg"].removeprefix("Value error, ")) for e in wrong[:_ERRORS_TOLD])
        ) from None
    return found


def _field(location: tuple[int | str, ...]) -> str:
    """The field's name, fit to be shown: an unknown one may be long, or hold what moves a reader's terminal."""
    name = ".".join(str(part) for part in location)[:_FIELD_NAME_CHARACTERS]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name) or "body"
