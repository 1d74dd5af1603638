"""The handler's routes for multipart uploads."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presign.ports import StagingUnavailableError
from tests.unit.presign.answers import content, problem
from tests.unit.presign.fakes import body
from uploads.errors import LedgerError, UnknownUploadError
from uploads.record import Status, Upload

hostile = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PARTS = "/upload/{uploadId}/parts"
COMPLETE = "/upload/{uploadId}/complete"
UPLOAD = "/upload/{uploadId}"
CALLS = [
    ("POST", PARTS, '{"partNumbers": [1]}'),
    ("GET", PARTS, None),
    ("POST", COMPLETE, None),
    ("DELETE", UPLOAD, None),
]


def begin(edge, **changes) -> Upload:
    answer = edge.send({"httpMethod": "POST", "resource": "/upload/multipart", "body": body(**changes)})
    found: Upload = edge.ledger.uploads[content(answer)["uploadId"]]
    return found


def send_all(edge, upload: Upload) -> None:
    assert upload.multipart is not None
    for number in range(1, upload.multipart.part_count + 1):
        edge.storage.put(upload, number)


def test_begin_returns_part_size_and_count(edge):
    answer = content(edge.send({"httpMethod": "POST", "resource": "/upload/multipart", "body": body()}))
    (upload,) = edge.ledger.uploads.values()
    assert answer == {
        "uploadId": upload.upload_id,
        "key": upload.staging_key,
        "partSize": 10_000_000,
        "partCount": 5,
        "statusUrl": f"/upload/{upload.upload_id}",
    }


def test_sign_parts_returns_all_fields(edge):
    upload = begin(edge)
    answer = content(edge.call("POST", PARTS, upload.upload_id, '{"partNumbers": [1, 5]}'))
    assert [(part["partNumber"], part["method"], part["headers"]) for part in answer["parts"]] == [
        (1, "PUT", {}),
        (5, "PUT", {}),
    ]
    assert answer["parts"][1]["uploadUrl"].endswith("part=5&size=8211234&for=3600")
    assert answer["expiresAt"] == "2026-11-23T12:00:00Z"


def test_list_parts_shows_parts_until_the_upload_is_complete(edge):
    upload = begin(edge)
    edge.storage.put(upload, 2)
    listed = {"uploadId": upload.upload_id, "partSize": 10_000_000, "partCount": 5}
    assert content(edge.call("GET", PARTS, upload.upload_id)) == listed | {
        "complete": False,
        "parts": [{"partNumber": 2, "size": 10_000_000, "etag": '"a2"'}],
    }
    send_all(edge, upload)
    edge.call("POST", COMPLETE, upload.upload_id)
    assert content(edge.call("GET", PARTS, upload.upload_id)) == listed | {"complete": True, "parts": []}


@pytest.mark.parametrize("text", [None, "", "{}", '{"parts": null}'])
def test_completion_needs_no_body(edge, text):
    upload = begin(edge)
    send_all(edge, upload)
    answer = content(edge.call("POST", COMPLETE, upload.upload_id, text))
    assert answer == {
        "uploadId": upload.upload_id,
        "key": upload.staging_key,
        "statusUrl": f"/upload/{upload.upload_id}",
    }


def test_completion_may_name_1000_parts(edge):
    upload = begin(edge)
    named = [{"partNumber": n, "etag": f'"{"0" * 32}"'} for n in range(1, 1001)]
    assert problem(edge.call("POST", COMPLETE, upload.upload_id, json.dumps({"parts": named})))[0] == 409


def test_abortion_answers_204(edge):
    upload = begin(edge)
    for _ in range(2):
        answer = edge.call("DELETE", UPLOAD, upload.upload_id)
        assert (answer["statusCode"], answer["body"]) == (204, "")
        assert answer["headers"]["Access-Control-Allow-Origin"] == "https://upload.example.org"


def test_status_of_an_aborted_upload_stays_issued(edge):
    """Like an upload whose URL was never used: both items expire."""
    upload = begin(edge)
    edge.call("DELETE", UPLOAD, upload.upload_id)
    assert content(edge.get(upload.upload_id))["status"] == "issued"


def test_missing_parts_are_a_conflict_that_names_them(edge):
    upload = begin(edge)
    edge.storage.put(upload, 1)
    answer = edge.call("POST", COMPLETE, upload.upload_id)
    assert problem(answer) == (409, "conflict")
    assert [error["detail"] for error in content(answer)["errors"]] == [f"part {n} is missing" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"password": "wrong"}, (401, "wrong_password")),
        ({"contentType": "text/html"}, (415, "unsupported_type")),
        ({"fileSize": 524_288_001}, (413, "file_too_large")),
        ({"fileSize": 0}, (400, "invalid_request")),
        ({"sha256": "A" * 43 + "="}, (400, "invalid_request")),
        ({"partSize": 1}, (400, "invalid_request")),
        ({"partChecksums": "md5"}, (400, "invalid_request")),
    ],
)
def test_refusal_to_begin_has_its_status_and_code(edge, changes, expected):
    answer = edge.send({"httpMethod": "POST", "resource": "/upload/multipart", "body": body(**changes)})
    assert problem(answer) == expected
    assert not edge.ledger.uploads


@pytest.mark.parametrize(("method", "resource", "text"), CALLS)
@pytest.mark.parametrize("upload_id", ["f" * 32, "", None, "multipart", 7, {}])
def test_unknown_id_answers_404(edge, method, resource, text, upload_id):
    assert problem(edge.call(method, resource, upload_id, text)) == (404, "not_found")


@pytest.mark.parametrize(("method", "resource", "text"), CALLS)
def test_single_put_upload_answers_409(edge, method, resource, text):
    upload_id = content(edge.post(body()))["uploadId"]
    assert problem(edge.call(method, resource, upload_id, text)) == (409, "conflict")


@pytest.mark.parametrize(("method", "resource", "text"), CALLS)
def test_ledger_outage_answers_503(edge, method, resource, text):
    upload = begin(edge)
    edge.ledger.broken = LedgerError("x")
    answer = edge.call(method, resource, upload.upload_id, text)
    assert problem(answer) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("method", "resource", "step"),
    [
        ("GET", PARTS, "list_parts"),
        ("POST", COMPLETE, "list_parts"),
        ("POST", COMPLETE, "complete"),
        ("DELETE", UPLOAD, "abort"),
    ],
)
def test_bucket_outage_answers_503_and_is_counted(edge, capsys, method, resource, step):
    upload = begin(edge)
    send_all(edge, upload)

    def fail() -> None:
        raise StagingUnavailableError("CompleteMultipartUpload: SlowDown")

    edge.storage.before[step] = fail
    answer = edge.call(method, resource, upload.upload_id)
    assert problem(answer) == (503, "unavailable")
    assert "SlowDown" not in answer["body"]
    logged = capsys.readouterr().out
    assert "SlowDown" in logged
    assert '"StagingUnavailable":[1.0]' in logged
    assert edge.call(method, resource, upload.upload_id)["statusCode"] in {200, 204}


@pytest.mark.parametrize(("resource", "method"), [(COMPLETE, "POST"), (UPLOAD, "DELETE")])
def test_upload_that_expires_during_the_call_answers_404(edge, monkeypatch, resource, method):
    upload = begin(edge)
    send_all(edge, upload)

    def raise_unknown(upload_id: str) -> None:
        raise UnknownUploadError

    for name in ("complete_parts", "abort_parts"):
        monkeypatch.setattr(edge.ledger, name, raise_unknown)
    assert problem(edge.call(method, resource, upload.upload_id)) == (404, "not_found")


@pytest.mark.parametrize("resource", ["/upload/multipart", PARTS, COMPLETE])
def test_preflight_is_answered(edge, resource):
    answer = edge.send({"httpMethod": "OPTIONS", "resource": resource})
    assert answer["statusCode"] == 204
    assert "DELETE" in answer["headers"]["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("method", "resource"), [("GET", "/upload/multipart"), ("PUT", PARTS), ("GET", COMPLETE), ("DELETE", COMPLETE)]
)
def test_unknown_route_answers_404(edge, method, resource):
    assert problem(edge.call(method, resource, "f" * 32)) == (404, "not_found")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
fields = st.sampled_from(["partNumbers", "sha256", "parts", "partNumber", "etag", "x"])


@hostile
@given(json_values | st.dictionaries(fields, json_values))
@pytest.mark.parametrize("resource", [PARTS, COMPLETE])
def test_any_json_body_answers_200_or_4xx(edge, resource, value):
    upload = begin(edge)
    answer = edge.call("POST", resource, upload.upload_id, json.dumps(value))
    assert answer["statusCode"] == 200 or problem(answer)[0] in {400, 409}


@hostile
@given(st.text(max_size=200))
@pytest.mark.parametrize("resource", [PARTS, COMPLETE])
def test_any_text_body_answers_4xx(edge, resource, text):
    upload = begin(edge)
    assert problem(edge.call("POST", resource, upload.upload_id, text))[0] in {400, 409}


def test_multipart_id_appears_in_no_answer(edge):
    """Except in the signed URLs, where S3 requires it."""
    upload = begin(edge)
    send_all(edge, upload)
    answers = [edge.call(method, resource, upload.upload_id, text) for method, resource, text in CALLS[1:3]]
    answers.append(edge.get(upload.upload_id))
    assert "multipart-1" not in json.dumps(answers)


def test_status_of_a_multipart_upload_has_no_extra_fields(edge):
    from dataclasses import replace

    upload = begin(edge)
    edge.ledger.uploads[upload.upload_id] = replace(upload, status=Status.ACCEPTED, final_key="videos/x.mov")
    state = content(edge.get(upload.upload_id))
    assert (state["status"], state["finalKey"]) == ("accepted", "videos/x.mov")
    assert not {"partSize", "multipart", "multipartId"} & set(state)
