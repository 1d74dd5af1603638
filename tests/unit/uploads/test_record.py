"""The keys of an upload, and the upload of a key."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.media_types import MEDIA_TYPES
from uploads.reasons import Reason
from uploads.record import DECIDED, UPLOAD_ID, Status, Upload, upload_id_from_key

ID = "0123456789abcdef" * 2


def upload(**changes) -> Upload:
    issued = datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC)
    fields = {
        "upload_id": ID,
        "status": Status.ISSUED,
        "content_type": "image/svg+xml",
        "file_size": 1,
        "file_name": "../../evil.php",
        "created_at": issued,
        "updated_at": issued,
    }
    return Upload(**(fields | changes))


def test_keys_consist_of_id_and_type():
    assert upload().staging_key == f"uploads/{ID}.svg"
    assert upload().held_key == f"held/{ID}.svg"
    assert upload().promotion_key == f"images/2026/01/02/{ID}.svg"
    assert upload(content_type="video/quicktime").promotion_key == f"videos/2026/01/02/{ID}.mov"


def test_promotion_key_does_not_depend_on_the_time_of_promotion():
    """Otherwise a promotion resumed after midnight would leave two objects."""
    later = upload(updated_at=datetime(2026, 1, 3, 0, 0, 1, tzinfo=UTC), status=Status.VALIDATING)
    assert later.promotion_key == upload().promotion_key


@pytest.mark.parametrize("mime", MEDIA_TYPES)
def test_staging_key_contains_the_upload_id(mime):
    assert upload_id_from_key(upload(content_type=mime).staging_key) == ID


@pytest.mark.parametrize(
    "key",
    [
        "",
        "uploads/",
        ID,
        f"{ID}.mov",
        f"uploads/{ID}",
        f"Uploads/{ID}.mov",
        f"held/{ID}.mov",
        f"uploads/uploads/{ID}.mov",
        f"uploads//{ID}.mov",
        f"/uploads/{ID}.mov",
        f"uploads/../{ID}.mov",
        f"uploads/{ID.upper()}.mov",
        f"uploads/{ID[1:]}.mov",
        f"uploads/{ID}0.mov",
        f"uploads/{ID}\n.mov",
        f"uploads/ {ID}.mov",
        "uploads/.mov",
        f"uploads/{'٣' * 32}.mov",
    ],
)
def test_foreign_key_has_no_upload_id(key):
    assert upload_id_from_key(key) is None


@given(st.text() | st.from_regex(r"uploads/[0-9a-fA-F]{31,33}\.?[a-z/]*", fullmatch=True))
def test_any_key_has_a_valid_id_or_none(key):
    found = upload_id_from_key(key)
    assert found is None or (UPLOAD_ID.fullmatch(found) and key.startswith(f"uploads/{found}."))


def test_status_and_reason_values_are_stable():
    assert [str(each) for each in Status] == ["issued", "validating", "accepted", "rejected", "held"]
    assert {str(each) for each in DECIDED} == {"accepted", "rejected"}
    assert {str(each) for each in Reason} == {
        "unsupported_type",
        "type_mismatch",
        "malformed",
        "size_mismatch",
        "too_large",
        "active_content",
        "polyglot",
        "decompression_bomb",
        "infected",
        "unscannable",
        "replayed",
        "unknown_upload",
    }
