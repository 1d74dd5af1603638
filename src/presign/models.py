"""Request bodies, parsed and checked field by field.

This module uses pydantic-core without pydantic, because building models from annotations is most of pydantic's share of
a cold start (docs/adr/0013-fast-starts.md). It accepts the same bodies and reports the same errors.
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
MAX_PARTS_PER_REQUEST = 100
MAX_PARTS = 1000
MAX_COMPLETION_CHARACTERS = 128 * 1024

_SHA256_BYTES = 32
_MAX_REPORTED_ERRORS = 10
_FIELD_NAME_CHARACTERS = 100
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Zs"})


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: its name as the client wrote it, and how to correct it."""

    field: str
    detail: str


class InvalidRequestError(Exception):
    """The request is invalid. `errors` never contain a value from the request."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.detail}" for error in errors))
        self.errors = errors


def _check_file_name(name: str) -> str:
    """Returns the name. Raises ValueError when it could mislead a person or a program."""
    if any(unicodedata.category(c) in _UNPRINTABLE_CATEGORIES for c in name):
        raise ValueError("must not contain control characters")
    if not _DIRECTION_MARKS.isdisjoint(name):
        raise ValueError("must not contain marks that change the direction of text")
    if "/" in name or "\\" in name:
        raise ValueError("must be the bare name of a file, without a path")
    if all(c == "." or unicodedata.category(c) in _INVISIBLE_CATEGORIES for c in name):
        raise ValueError("must hold more than dots and invisible characters")
    return name


class Secret:
    """Text that its repr does not show."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"


def _parse_password(text: str) -> Secret:
    # Checked here, because pydantic-core's message would reveal the length of the password.
    if not 1 <= len(text) <= MAX_PASSWORD_CHARACTERS:
        raise ValueError(f"must have 1 to {MAX_PASSWORD_CHARACTERS} characters")
    return Secret(text)


def _parse_sha256(text: str) -> str:
    """Returns the digest in canonical base64, as S3 compares it."""
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    if len(digest) != _SHA256_BYTES:
        raise ValueError("must be the base64 of a SHA-256 digest, 32 bytes")
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest:
    """The file that a client declares; `file_size` in bytes."""

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
    """POST /upload/multipart; `part_checksums`, "sha256" or None, announces a digest for every part."""

    part_checksums: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsRequest:
    """POST /upload/{uploadId}/parts; `sha256` maps part numbers to digests in base64."""

    part_numbers: list[int]
    sha256: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPart:
    """A part that the client sent, and the ETag that S3 returned, with or without quotes."""

    part_number: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """POST /upload/{uploadId}/complete; without `parts`, those stored in S3 are used."""

    parts: list[DeclaredPart] | None = None


type _Fields = dict[str, cs.TypedDictField]


def _required(name: str, schema: CoreSchema) -> cs.TypedDictField:
    return cs.typed_dict_field(schema, validation_alias=name, required=True)


def _optional(name: str, schema: CoreSchema) -> cs.TypedDictField:
    absent = cs.with_default_schema(cs.nullable_schema(schema), default=None)
    return cs.typed_dict_field(absent, validation_alias=name, required=False)


def _object(model: type, fields: _Fields) -> CoreSchema:
    """Returns the schema of a JSON object that is parsed into a `model`."""
    content = cs.typed_dict_schema(fields, strict=True, extra_behavior="forbid")
    return cs.no_info_after_validator_function(lambda found: model(**found), content)


_TEXT = cs.str_schema(strict=True)
_PART_NUMBER = cs.int_schema(strict=True, ge=1)
_SHA256 = cs.no_info_after_validator_function(_parse_sha256, cs.str_schema(strict=True, max_length=64))
_FILE_NAME = cs.str_schema(strict=True, min_length=1, max_length=MAX_FILE_NAME_CHARACTERS)
_FILE: _Fields = {
    "password": _required("password", cs.no_info_after_validator_function(_parse_password, _TEXT)),
    "file_name": _required("fileName", cs.no_info_after_validator_function(_check_file_name, _FILE_NAME)),
    "content_type": _required("contentType", cs.str_schema(strict=True, min_length=1, max_length=100)),
    "file_size": _required("fileSize", cs.int_schema(strict=True, gt=0)),
}
_DIGESTS = cs.dict_schema(cs.int_schema(), _SHA256, strict=True, max_length=MAX_PARTS_PER_REQUEST)
_DECLARED_PART = _object(
    DeclaredPart,
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
            "partNumbers", cs.list_schema(_PART_NUMBER, strict=True, min_length=1, max_length=MAX_PARTS_PER_REQUEST)
        ),
        "sha256": _optional("sha256", _DIGESTS),
    },
    CompletionRequest: {"parts": _optional("parts", cs.list_schema(_DECLARED_PART, strict=True, max_length=MAX_PARTS))},
}
_VALIDATORS: Mapping[type, SchemaValidator] = {
    model: SchemaValidator(_object(model, fields), CoreConfig(hide_input_in_errors=True))
    for model, fields in _BODIES.items()
}

FIELDS = frozenset(str(each["validation_alias"]) for fields in _BODIES.values() for each in fields.values())
"""All field names of the API. Any other name in a FieldError is text that the client wrote."""


def parse_as[Request](model: type[Request], body: str, max_characters: int = MAX_BODY_CHARACTERS) -> Request:
    """Parses a body into a `model`. Raises InvalidRequestError, which names the first invalid fields."""
    if len(body) > max_characters:
        raise InvalidRequestError(FieldError("body", f"must not be longer than {max_characters} characters"))
    try:
        found: Request = _VALIDATORS[model].validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidRequestError(
            *(
                FieldError(_field_name(e["loc"]), e["msg"].removeprefix("Value error, "))
                for e in wrong[:_MAX_REPORTED_ERRORS]
            )
        ) from None
    return found


def _field_name(location: tuple[int | str, ...]) -> str:
    """Returns the field's name, shortened and printable: an unknown name may hold terminal escape sequences."""
    name = ".".join(str(part) for part in location)[:_FIELD_NAME_CHARACTERS]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name) or "body"
