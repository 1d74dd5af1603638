"""The Lambda handler: builds the services, routes requests, logs and counts."""

from runtime import cold_start  # isort: split

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from presign import gateway, settings
from presign.attempt_limiter import FailedAttemptLimiter, NoAttemptLimit
from presign.daily_quota import DailyQuota
from presign.models import (
    FIELDS,
    MAX_COMPLETION_CHARACTERS,
    CompletionRequest,
    MultipartRequest,
    PartsRequest,
    UploadRequest,
    parse_as,
)
from presign.multipart import MultipartService
from presign.origins import ForeignOriginError
from presign.password_entries import PasswordEntry
from presign.passwords import SecretPasswords
from presign.ports import AttemptLimiter, QuotaExceededError, UploadPassword
from presign.problems import Problem, problem_for
from presign.s3_multipart import S3MultipartStorage
from presign.s3_signer import S3Signer
from presign.service import UploadService
from runtime.keep_warm import is_warm_up
from runtime.secrets import SecretError
from runtime.settings import SettingError
from uploads.ledger import DynamoDbLedger
from uploads.record import Upload

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()

# Short timeouts: a person is waiting.
_CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "max_attempts": 2})
# S3 may take seconds to merge the parts. botocore's default checksum would be demanded of clients that send none.
_S3_CONFIG = Config(
    connect_timeout=1,
    read_timeout=12,
    retries={"mode": "standard", "max_attempts": 2},
    request_checksum_calculation="when_required",
)


def _report_secret_failure(error: SecretError) -> None:
    """Logs and counts a failed read, which the cached passwords hide from callers for a while."""
    logger.error("secret not read", cause=str(error), refused=error.refused)
    metrics.add_metric(error.metric, MetricUnit.Count, 1)


def _select_passwords(entries: Sequence[PasswordEntry]) -> Sequence[PasswordEntry]:
    """Logs and counts passwords that are easy to guess; returns the entries without them when they are refused.

    Expired ones are not counted, because they no longer work.
    """
    refused, now = _settings.refuse_short_passwords, datetime.now(UTC)
    if short := [each.name for each in entries if each.is_short and not each.has_expired(now)]:
        logger.warning("upload passwords are short", entries=short, refused=refused)
        metrics.add_metric("ShortPassword", MetricUnit.Count, len(short))
    return [each for each in entries if not (each.is_short and refused)]


def _report_quota(password: UploadPassword, used: int) -> None:
    """Counts the used share of a password's quota in percent, and logs the password when it passes 50, 80 and 100."""
    limit = _settings.daily_quota
    metrics.add_metric("DailyQuotaUsed", MetricUnit.Percent, 100 * used // limit)
    if used in {-(-limit * percent // 100) for percent in (50, 80, 100)}:
        logger.warning("daily quota", password_label=password.label, counter=password.counter, used=used, limit=limit)


def _build_services(config: settings.Settings) -> tuple[UploadService, MultipartService]:
    session = botocore.session.get_session()
    credentials = session.get_credentials()
    if credentials is None:
        raise SettingError("there are no AWS credentials")
    dynamodb: Any = session.create_client("dynamodb", config=_CLIENT_CONFIG)
    secrets_manager: Any = session.create_client("secretsmanager", config=_CLIENT_CONFIG)
    ledger = DynamoDbLedger(dynamodb, config.uploads_table)
    signer = S3Signer(credentials.get_frozen_credentials, config.region, config.staging_bucket, config.s3_endpoint)
    uploads = UploadService(
        ledger=ledger,
        passwords=SecretPasswords(
            secrets_manager,
            config.passwords_secret_id,
            on_failure=_report_secret_failure,
            select=_select_passwords,
        ),
        limiter=_build_limiter(config, dynamodb),
        quota=DailyQuota(dynamodb, config.daily_quotas_table, limit=config.daily_quota, on_count=_report_quota),
        signer=signer,
        max_bytes=config.max_file_bytes,
        valid_for=config.url_valid_for,
    )

    @cache
    def s3() -> Any:
        """Creates the client for the first multipart upload: it is the slowest client (docs/adr/0004-signing.md)."""
        return session.create_client("s3", config=_S3_CONFIG)

    storage = S3MultipartStorage(s3, config.staging_bucket)
    return uploads, MultipartService(uploads, ledger, signer, storage, config.part_bytes)


def _build_limiter(config: settings.Settings, dynamodb: Any) -> AttemptLimiter:
    if config.wrong_password_limit == 0:
        return NoAttemptLimit()
    return FailedAttemptLimiter(
        dynamodb,
        config.wrong_passwords_table,
        limit=config.wrong_password_limit,
        window_seconds=config.wrong_password_window_seconds,
    )


_NO_ROUTE = Problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here.")
_settings = settings.load()
_service, _multipart = _build_services(_settings)
metrics = Metrics(namespace=_settings.metrics_namespace)
cold_start.finish()


# log_event=False, because an event holds a password and POWERTOOLS_LOGGER_LOG_EVENT could otherwise log it.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answers every route of the API, and the preflight request of each."""
    try:
        return _warm_up() if is_warm_up(event) else _serve(event, context.aws_request_id)
    finally:
        if metrics.metric_set:  # Powertools' decorator prints a plain-text warning when there are no metrics
            metrics.flush_metrics()


def _warm_up() -> dict[str, Any]:
    """Reads the passwords, so that the next caller does not wait for Secrets Manager."""
    _service.passwords.refresh()
    return {}


def _serve(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    origin = gateway.caller_origin(event)
    cors = _settings.allowed_origins.headers(origin)
    try:
        logger.append_keys(**gateway.log_keys(event))
        # Before anything else, so that a foreign page can neither guess passwords nor use up its visitors' attempts.
        _settings.allowed_origins.check(origin)
        method, route = event.get("httpMethod", ""), event.get("resource", "")
        if method == "OPTIONS":
            return gateway.respond(HTTPStatus.NO_CONTENT, None, cors, gateway.PREFLIGHT_HEADERS)
        serve = _ROUTES.get((method, route))
        if serve is None:
            return gateway.respond_with_problem(_NO_ROUTE, cors)
        content = serve(event)
        return gateway.respond(HTTPStatus.NO_CONTENT if content is None else HTTPStatus.OK, content, cors)
    except Exception as error:
        problem = problem_for(error)
        if problem is None:
            logger.exception("unexpected error")
            problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", f"Correlation id: {request_id}")
        else:
            _report_problem(problem, error, event)
        return gateway.respond_with_problem(problem, cors)


def _generate_url(event: Mapping[str, Any]) -> dict[str, Any]:
    issued = _service.issue(parse_as(UploadRequest, gateway.read_body(event)), gateway.caller_address(event))
    upload = issued.upload
    logger.append_keys(upload_id=upload.upload_id)
    logger.info("upload issued", **_described(upload))
    metrics.add_metric("UploadIssued", MetricUnit.Count, 1)
    return gateway.render_issued(issued)


def _described(upload: Upload) -> dict[str, Any]:
    label = {} if upload.password_label is None else {"password_label": upload.password_label}
    return {"content_type": upload.content_type, "file_size": upload.file_size} | label


def _read_status(event: Mapping[str, Any]) -> dict[str, Any]:
    upload = _service.find(gateway.upload_id_from_path(event))
    logger.debug("status read", status=upload.status)  # clients ask every few seconds
    return gateway.render_upload(upload)


def _begin_multipart(event: Mapping[str, Any]) -> dict[str, Any]:
    request = parse_as(MultipartRequest, gateway.read_body(event))
    upload, multipart = _multipart.begin(request, gateway.caller_address(event))
    logger.append_keys(upload_id=upload.upload_id)
    logger.info("multipart upload begun", **_described(upload))
    metrics.add_metric("UploadIssued", MetricUnit.Count, 1)
    return gateway.render_multipart(upload, multipart)


def _sign_parts(event: Mapping[str, Any]) -> dict[str, Any]:
    signed = _multipart.sign(gateway.upload_id_from_path(event), parse_as(PartsRequest, gateway.read_body(event)))
    logger.info("parts signed", count=len(signed.urls), first=min(signed.urls), last=max(signed.urls))
    return gateway.render_signed_parts(signed)


def _list_parts(event: Mapping[str, Any]) -> dict[str, Any]:
    progress = _multipart.list_parts(gateway.upload_id_from_path(event))
    logger.debug("parts listed", count=len(progress.parts), complete=progress.is_complete)
    return gateway.render_progress(progress)


def _complete(event: Mapping[str, Any]) -> dict[str, Any]:
    request = parse_as(CompletionRequest, gateway.read_body(event) or "{}", MAX_COMPLETION_CHARACTERS)
    upload = _multipart.complete(gateway.upload_id_from_path(event), request)
    logger.info("multipart upload complete", file_size=upload.file_size)
    return gateway.render_completed(upload)


def _abort(event: Mapping[str, Any]) -> None:
    _multipart.abort(gateway.upload_id_from_path(event))
    logger.info("multipart upload aborted")
    metrics.add_metric("UploadAborted", MetricUnit.Count, 1)


_ROUTES: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    ("POST", "/upload/generate-url"): _generate_url,
    ("GET", "/upload/{uploadId}"): _read_status,
    ("POST", "/upload/multipart"): _begin_multipart,
    ("POST", "/upload/{uploadId}/parts"): _sign_parts,
    ("GET", "/upload/{uploadId}/parts"): _list_parts,
    ("POST", "/upload/{uploadId}/complete"): _complete,
    ("DELETE", "/upload/{uploadId}"): _abort,
}


def _report_problem(problem: Problem, error: Exception, event: Mapping[str, Any]) -> None:
    if problem.metric:
        metrics.add_metric(problem.metric, MetricUnit.Count, 1)
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        logger.error("dependency unavailable", cause=str(error))
        return
    # Unknown field names are not logged: a user may have typed the password as one.
    fields = [each.field if each.field in FIELDS else "?" for each in problem.errors]
    # The refusals with a metric are wrong passwords, blocked addresses and used-up quotas: the address shows who it is.
    more: dict[str, Any] = {"address": gateway.caller_address(event)} if problem.metric else {}
    if isinstance(error, QuotaExceededError):
        more["password_label"] = error.label
    if isinstance(error, ForeignOriginError):
        more["origin"] = str(error)
    logger.info("request refused", code=problem.code, fields=fields, **more)
