"""The bodies of requests, parsed and checked field by field."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

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


def _password(secret: SecretStr) -> SecretStr:
    # In our own words: those of pydantic tell how long the password was.
    if not 1 <= len(secret.get_secret_value()) <= MAX_PASSWORD_CHARACTERS:
        raise ValueError(f"must have 1 to {MAX_PASSWORD_CHARACTERS} characters")
    return secret


def _sha256(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    if len(digest) != _SHA256_BYTES:
        raise ValueError("must be the base64 of a SHA-256 digest, 32 bytes")
    return base64.b64encode(digest).decode()


class _Body(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )


class FileRequest(_Body):
    """What a client declares about the file that it wants to upload; `file_size` in bytes."""

    password: Annotated[SecretStr, AfterValidator(_password)]
    file_name: Annotated[
        str, Field(min_length=1, max_length=MAX_FILE_NAME_CHARACTERS), AfterValidator(_plain_file_name)
    ]
    content_type: Annotated[str, Field(min_length=1, max_length=100)]
    file_size: Annotated[int, Field(gt=0)]


Sha256 = Annotated[str, Field(max_length=64), AfterValidator(_sha256)]


class UploadRequest(FileRequest):
    """POST /upload/generate-url; `sha256` is the file's digest in base64."""

    sha256: Sha256 | None = None


class MultipartRequest(FileRequest):
    """POST /upload/multipart; `part_checksums` announces that every part will come with its digest."""

    part_checksums: Literal["sha256"] | None = None


class PartsRequest(_Body):
    """POST /upload/{uploadId}/parts; `sha256` holds the parts' digests in base64 by number."""

    part_numbers: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1, max_length=MAX_PARTS_AT_ONCE)]
    sha256: Annotated[dict[int, Sha256], Field(max_length=MAX_PARTS_AT_ONCE)] | None = None


class SentPart(_Body):
    """A part that the client has sent, and the ETag that S3 answered with, with its quotes or without."""

    part_number: Annotated[int, Field(ge=1)]
    etag: Annotated[str, Field(min_length=1, max_length=100)]


class CompletionRequest(_Body):
    """POST /upload/{uploadId}/complete; a client that leaves `parts` out takes S3's word for what has arrived."""

    parts: Annotated[list[SentPart], Field(max_length=MAX_PARTS)] | None = None


FIELDS = frozenset(
    field.alias or name
    for model in (UploadRequest, MultipartRequest, PartsRequest, CompletionRequest)
    for name, field in model.model_fields.items()
)
"""The fields that there are, as the client writes them. Any other name in a FieldError is the client's own text."""


def parse(body: str) -> UploadRequest:
    """The body of POST /upload/generate-url. Raises InvalidRequestError as `parse_as` does."""
    return parse_as(UploadRequest, body)


def parse_as[Request: BaseModel](model: type[Request], body: str, longest: int = MAX_BODY_CHARACTERS) -> Request:
    """Raises InvalidRequestError, naming the fields that are wrong, the first _ERRORS_TOLD of them."""
    if len(body) > longest:
        raise InvalidRequestError(FieldError("body", f"must not be longer than {longest} characters"))
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidRequestError(
            *(FieldError(_field(e["loc"]), e["msg"].removeprefix("Value error, ")) for e in found[:_ERRORS_TOLD])
        ) from None


def _field(location: tuple[int | str, ...]) -> str:
    """The field's name, fit to be shown: an unknown one may be long, or hold what moves a reader's terminal."""
    name = ".".join(str(part) for part in location)[:_FIELD_NAME_CHARACTERS]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name) or "body"
