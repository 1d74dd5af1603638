"""The HTTP edge: API Gateway's REST proxy events in, JSON out."""

from runtime import cold_start  # isort: split

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from presign import correlation, settings
from presign.attempt_limiter import WrongPasswords
from presign.callers import caller_of
from presign.correlation import upload_id_from_path
from presign.models import (
    FIELDS,
    MAX_COMPLETION_CHARACTERS,
    CompletionRequest,
    FieldError,
    InvalidRequestError,
    MultipartRequest,
    PartsRequest,
    parse,
    parse_as,
)
from presign.multipart import MultipartService, StagingUnavailableError
from presign.passwords import SecretPasswords
from presign.problems import Problem, problem_of
from presign.representations import issued_as_json, state_as_json
from presign.s3_multipart import S3Parts
from presign.s3_signer import S3Signer
from presign.service import (
    Guard,
    GuardUnavailableError,
    PasswordsUnavailableError,
    TooManyWrongPasswordsError,
    Unguarded,
    UploadService,
    WrongPasswordError,
)
from runtime.secrets import SecretError
from runtime.settings import SettingError
from uploads.ledger import Ledger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()

_ALLOWED_HEADERS = "content-type,x-api-key"
_PREFLIGHT_SECONDS = "7200"
# Putting the parts together may take S3 a while. No checksums by default: they would bind clients that send none.
_S3_PATIENCE = Config(
    connect_timeout=1,
    read_timeout=12,
    retries={"mode": "standard", "max_attempts": 2},
    request_checksum_calculation="when_required",
)


def _secret_failed(error: SecretError) -> None:
    """Where what was read before still serves, nothing else would tell."""
    logger.error("secret not read", cause=str(error), refused=error.refused)
    metrics.add_metric(error.metric, MetricUnit.Count, 1)


def _build_services(config: settings.Settings) -> tuple[UploadService, MultipartService]:
    session = botocore.session.get_session()
    credentials = session.get_credentials()
    if credentials is None:
        raise SettingError("there are no AWS credentials")
    # A person waits: fail soon, so that a retry or a 503 comes while they are still there.
    patience = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "max_attempts": 2})
    dynamodb: Any = session.create_client("dynamodb", config=patience)
    secrets_manager: Any = session.create_client("secretsmanager", config=patience)
    ledger = Ledger(dynamodb, config.uploads_table)
    signer = S3Signer(credentials.get_frozen_credentials, config.region, config.staging_bucket, config.s3_endpoint)
    uploads = UploadService(
        ledger=ledger,
        passwords=SecretPasswords(secrets_manager, config.passwords_secret_id, on_failure=_secret_failed),
        signer=signer,
        max_bytes=config.max_file_bytes,
        valid_for=config.url_valid_for,
        guard=_build_guard(config, dynamodb),
    )

    @cache
    def s3() -> Any:
        """Made when the first upload comes in parts: it is the dearest of the clients (docs/adr/0004-signing.md)."""
        return session.create_client("s3", config=_S3_PATIENCE)

    parts = S3Parts(s3, config.staging_bucket)
    return uploads, MultipartService(uploads, ledger, signer, parts, config.part_bytes)


def _build_guard(config: settings.Settings, dynamodb: Any) -> Guard:
    if config.wrong_password_limit == 0:
        return Unguarded()
    return WrongPasswords(
        dynamodb,
        config.wrong_passwords_table,
        limit=config.wrong_password_limit,
        window_seconds=config.wrong_password_window_seconds,
    )


_settings = settings.load()
_service, _multipart = _build_services(_settings)
metrics = Metrics(namespace=_settings.metrics_namespace)
cold_start.finish()


# log_event=False: an event holds a password, and POWERTOOLS_LOGGER_LOG_EVENT must not be able to ask for it.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answers every route, and the preflight request of each."""
    try:
        return _serve(event, context.aws_request_id)
    finally:
        if metrics.metric_set:  # Powertools' decorator warns, in plain text amid the JSON log, when there is none
            metrics.flush_metrics()


def _serve(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    try:
        logger.append_keys(**correlation.keys_of(event))
        method, route = event.get("httpMethod", ""), event.get("resource", "")
        if method == "OPTIONS":
            return _answer(HTTPStatus.NO_CONTENT, None, {"Access-Control-Max-Age": _PREFLIGHT_SECONDS})
        serve = _ROUTES.get((method, route))
        if serve is None:
            return _refuse(Problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here."))
        content = serve(event)
        return _answer(HTTPStatus.NO_CONTENT if content is None else HTTPStatus.OK, content)
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            logger.exception("unexpected error")
            problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", f"Correlation id: {request_id}")
        else:
            _report(error, problem, event)
        return _refuse(problem)


def _generate_url(event: Mapping[str, Any]) -> dict[str, Any]:
    issued = _service.issue(parse(_body(event)), caller_of(event))
    upload = issued.upload
    logger.append_keys(upload_id=upload.upload_id)
    logger.info("upload issued", content_type=upload.content_type, file_size=upload.file_size)
    metrics.add_metric("UploadIssued", MetricUnit.Count, 1)
    return issued_as_json(issued)


def _status(event: Mapping[str, Any]) -> dict[str, Any]:
    upload = _service.status(upload_id_from_path(event))
    logger.debug("status told", status=upload.status)  # clients ask every few seconds
    return state_as_json(upload)


def _begin_multipart(event: Mapping[str, Any]) -> dict[str, Any]:
    upload, multipart = _multipart.begin(parse_as(MultipartRequest, _body(event)), caller_of(event))
    logger.append_keys(upload_id=upload.upload_id)
    logger.info("multipart upload begun", content_type=upload.content_type, file_size=upload.file_size)
    metrics.add_metric("UploadIssued", MetricUnit.Count, 1)
    return {
        "uploadId": upload.upload_id,
        "key": upload.staging_key,
        "partSize": multipart.part_bytes,
        "partCount": multipart.part_count,
        "statusUrl": f"/upload/{upload.upload_id}",
    }


def _sign_parts(event: Mapping[str, Any]) -> dict[str, Any]:
    signed = _multipart.sign(upload_id_from_path(event), parse_as(PartsRequest, _body(event)))
    logger.info("parts signed", count=len(signed.urls), first=min(signed.urls), last=max(signed.urls))
    return {
        "parts": [
            {"partNumber": number, "uploadUrl": url.url, "method": "PUT", "headers": dict(url.headers)}
            for number, url in signed.urls.items()
        ],
        "expiresAt": f"{signed.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _list_parts(event: Mapping[str, Any]) -> dict[str, Any]:
    progress = _multipart.progress(upload_id_from_path(event))
    logger.debug("parts listed", count=len(progress.parts), complete=progress.arrived)
    return {
        "uploadId": progress.upload.upload_id,
        "partSize": progress.multipart.part_bytes,
        "partCount": progress.multipart.part_count,
        "complete": progress.arrived,
        "parts": [{"partNumber": part.number, "size": part.size, "etag": part.etag} for part in progress.parts],
    }


def _complete(event: Mapping[str, Any]) -> dict[str, Any]:
    body = _body(event) or "{}"
    upload = _multipart.complete(
        upload_id_from_path(event), parse_as(CompletionRequest, body, MAX_COMPLETION_CHARACTERS)
    )
    logger.info("multipart upload complete", file_size=upload.file_size)
    return {"uploadId": upload.upload_id, "key": upload.staging_key, "statusUrl": f"/upload/{upload.upload_id}"}


def _abort(event: Mapping[str, Any]) -> None:
    _multipart.abort(upload_id_from_path(event))
    logger.info("multipart upload aborted")
    metrics.add_metric("UploadAborted", MetricUnit.Count, 1)


_ROUTES: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    ("POST", "/upload/generate-url"): _generate_url,
    ("GET", "/upload/{uploadId}"): _status,
    ("POST", "/upload/multipart"): _begin_multipart,
    ("POST", "/upload/{uploadId}/parts"): _sign_parts,
    ("GET", "/upload/{uploadId}/parts"): _list_parts,
    ("POST", "/upload/{uploadId}/complete"): _complete,
    ("DELETE", "/upload/{uploadId}"): _abort,
}


def _body(event: Mapping[str, Any]) -> str:
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except ValueError:  # of the base64, of characters outside it, or of the UTF-8
        raise InvalidRequestError(FieldError("body", "must be JSON in UTF-8")) from None


_UNAVAILABLE: Mapping[type[Exception], str] = {
    PasswordsUnavailableError: "PasswordsUnavailable",
    GuardUnavailableError: "GuardUnavailable",
    StagingUnavailableError: "StagingUnavailable",
}

_GUESSES: Mapping[type[Exception], str] = {
    WrongPasswordError: "WrongPassword",
    TooManyWrongPasswordsError: "GuardRefused",
}


def _report(error: Exception, problem: Problem, event: Mapping[str, Any]) -> None:
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        logger.error("a service that this one needs is unavailable", cause=str(error))
        metrics.add_metric(_UNAVAILABLE.get(type(error), "LedgerUnavailable"), MetricUnit.Count, 1)
        return
    # Names of unknown fields stay out: someone may have typed the password for one.
    fields = [each.field if each.field in FIELDS else "?" for each in problem.errors]
    if type(error) in _GUESSES:
        logger.info("request refused", code=problem.code, fields=fields, address=caller_of(event))
        metrics.add_metric(_GUESSES[type(error)], MetricUnit.Count, 1)
    else:
        logger.info("request refused", code=problem.code, fields=fields)


def _refuse(problem: Problem) -> dict[str, Any]:
    return _answer(problem.status, problem.body(), {"Content-Type": "application/problem+json", **problem.headers})


def _answer(
    status: HTTPStatus, content: Mapping[str, Any] | None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "statusCode": status.value,
        "headers": {
            **({} if content is None else {"Content-Type": "application/json"}),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": _settings.allowed_origin,
            "Access-Control-Allow-Methods": "GET,POST,DELETE,OPTIONS",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Expose-Headers": "Retry-After",
            "Vary": "Origin",
            **(headers or {}),
        },
        "body": "" if content is None else json.dumps(content),
    }
