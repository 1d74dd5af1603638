"""The body of POST /upload/generate-url, parsed and checked field by field."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

MAX_BODY_CHARACTERS = 16 * 1024
MAX_FILE_NAME_CHARACTERS = 255

_SHA256_BYTES = 32
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


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
    if "/" in name or "\\" in name or name.strip(" .") == "":
        raise ValueError("must be the bare name of a file, without a path")
    return name


def _sha256(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    if len(digest) != _SHA256_BYTES:
        raise ValueError("must be the base64 of a SHA-256 digest, 32 bytes")
    return base64.b64encode(digest).decode()


class UploadRequest(BaseModel):
    """What a client declares about the file that it wants to upload; `file_size` in bytes, `sha256` in base64."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )

    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    file_name: Annotated[
        str, Field(min_length=1, max_length=MAX_FILE_NAME_CHARACTERS), AfterValidator(_plain_file_name)
    ]
    content_type: Annotated[str, Field(min_length=1, max_length=100)]
    file_size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(max_length=64), AfterValidator(_sha256)] | None = None


def parse(body: str) -> UploadRequest:
    """Raises InvalidRequestError, naming every field that is wrong."""
    if len(body) > MAX_BODY_CHARACTERS:
        raise InvalidRequestError(FieldError("body", f"must not be longer than {MAX_BODY_CHARACTERS} characters"))
    try:
        return UploadRequest.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequestError(
            *(
                FieldError(
                    ".".join(str(part) for part in e["loc"])[:100] or "body",
                    e["msg"].removeprefix("Value error, "),
                )
                for e in error.errors(include_url=False, include_context=False, include_input=False)
            )
        ) from None
