"""Patches the emulator's CopyObject: `MetadataDirective: REPLACE` drops the source's Content-Encoding, as on AWS.

The emulator drops the other headers, but keeps this one when the request has none.
"""

import importlib
from collections.abc import Callable
from typing import Any


def install() -> None:
    s3: Any = importlib.import_module("ministack.services.s3")
    s3._copy_object = replacing(s3._copy_object)


def replacing(copy_object: Callable[[str, str, dict[str, Any]], Any]) -> Callable[[str, str, dict[str, Any]], Any]:
    """Wraps the copy: with REPLACE, a header that is missing in the request is empty."""

    def copy(bucket: str, key: str, headers: dict[str, Any]) -> Any:
        if headers.get("x-amz-metadata-directive", "").upper() == "REPLACE":
            headers = {"content-encoding": None} | headers
        return copy_object(bucket, key, headers)

    return copy
