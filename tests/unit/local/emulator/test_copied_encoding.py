"""The patched copy of the emulator takes no Content-Encoding of the source."""

from typing import Any

import pytest

from local.emulator.patches.copied_encoding import replacing


@pytest.mark.parametrize(
    ("headers", "encoding"),
    [
        ({}, "of the source"),
        ({"x-amz-metadata-directive": "COPY"}, "of the source"),
        ({"x-amz-metadata-directive": "REPLACE"}, None),
        ({"x-amz-metadata-directive": "REPLACE", "content-encoding": "br"}, "br"),
    ],
)
def test_copy_has_the_encoding_of_the_request_if_metadata_is_replaced(
    headers: dict[str, Any], encoding: str | None
) -> None:
    copy = replacing(lambda _bucket, _key, given: given.get("content-encoding", "of the source"))
    assert copy("bucket", "key", headers) == encoding
