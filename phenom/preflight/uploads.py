"""Checks of who may upload: web origins, upload passwords, and the ceiling of the API key."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from phenom.preflight.check import Check, State
from phenom.preflight.cloud import Cloud
from presign.password_entries import (
    LEAST_PASSWORD_CHARACTERS,
    InvalidEntriesError,
    PasswordEntry,
    parse_entries,
)
from runtime.aws_errors import code_of

_ORIGIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")  # AllowedPattern in template.yaml
_EXAMPLE = re.compile(r"https://([a-z0-9.-]+\.)?(example\.(com|net|org)|[a-z0-9-]+\.(example|invalid|test))(:[0-9]+)?")
_WINDOWS_A_DAY = 288  # of 5 minutes, in which the firewall counts
_LEAST_ROOM = 2


def check_origins(cloud: Cloud) -> Check:
    """Checks AllowedOrigins: exact https origins, no examples, and the page's own among them."""
    name, settings = "allowed origins", cloud.settings
    origins = [each.strip() for each in settings.parameter("AllowedOrigins").split(",")]
    remedy = "Set AllowedOrigins in samconfig.toml to the origins of your pages, such as https://upload.acme.org."
    if "*" in origins:
        return Check(name, State.MISSING, "* lets every web page guess passwords; CloudFormation refuses it", remedy)
    if wrong := [each for each in origins if not _ORIGIN.fullmatch(each)]:
        found = f"not an https origin in lower case, without path: {', '.join(wrong)}"
        return Check(name, State.MISSING, found, remedy)
    page = cloud.stack_outputs.get("VideoClientWebsiteUrl") if settings.parameter("UploadPage") == "on" else None
    if page is not None and page not in [*origins, f"https://{settings.parameter('ClientDomainName')}"]:
        found = f"the upload page {page} is not among them: it cannot upload"
        return Check(name, State.MISSING, found, f"Add {page} to AllowedOrigins in samconfig.toml and deploy again.")
    if examples := [each for each in origins if _EXAMPLE.fullmatch(each)]:
        found = f"{', '.join(examples)} is an example; no page there is yours"
        if page is None and settings.parameter("UploadPage") == "on":
            remedy = "Deploy, then set AllowedOrigins to the output VideoClientWebsiteUrl and deploy again."
        return Check(name, State.WARNING, found, remedy)
    return Check(name, State.OK, ", ".join(origins))


def check_passwords(cloud: Cloud) -> Check:
    """Checks the entries of the secret with the upload passwords. The report names them by label or index only."""
    name, secret_id = "upload passwords", f"{cloud.prefix}-video-upload-passwords"
    remedy = "docs/operations/secrets.md says how to store them."
    try:
        text = cloud.client("secretsmanager").get_secret_value(SecretId=secret_id).get("SecretString")
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        if cloud.stack_status is None:
            return Check(name, State.OK, "not stored yet: the SAM stack creates the secret")
        return Check(name, State.WARNING, f"{secret_id} has no value: uploads are refused", remedy)
    try:
        entries = parse_entries(text or "")
    except InvalidEntriesError as error:
        return Check(name, State.MISSING, f"{secret_id} is refused: {error}", remedy)
    return _check_entries(name, entries, refuses_short=cloud.settings.parameter("ShortPasswords") == "refuse")


def _check_entries(name: str, entries: Sequence[PasswordEntry], *, refuses_short: bool) -> Check:
    now = datetime.now(UTC)
    usable = [each for each in entries if not each.has_expired(now)]
    if short := [each.name for each in usable if each.is_short]:
        refused = "; ShortPasswords=refuse treats them as wrong" if refuses_short else ""
        found = f"shorter than {LEAST_PASSWORD_CHARACTERS} characters: {', '.join(short)}{refused}"
        return Check(name, State.WARNING, found, "Replace them by long random ones (docs/operations/secrets.md).")
    expired = [each.name for each in entries if each not in usable]
    if not usable:
        return Check(
            name, State.WARNING, "no password works: uploads are refused", "Store one (docs/operations/secrets.md)."
        )
    return Check(name, State.OK, f"{len(usable)} work" + (f"; expired: {', '.join(expired)}" if expired else ""))


def check_ceiling(cloud: Cloud) -> Check:
    """Checks that garbage cannot easily use up the calls that the API key may make in a day."""
    name, settings = "ceiling of the API key", cloud.settings
    quota, ceiling = settings.number("DailyQuota"), settings.number("ApiDailyCeiling")
    if ceiling < _LEAST_ROOM * quota:
        found = f"ApiDailyCeiling={ceiling} leaves little room above DailyQuota={quota}: anyone can use up the rest"
        return Check(name, State.WARNING, found, f"Set ApiDailyCeiling={10 * quota} in samconfig.toml.")
    one_address = _WINDOWS_A_DAY * settings.number("WafRateLimit")
    if settings.parameter("Waf") != "off" and one_address >= ceiling:
        found = f"the firewall lets one address make {one_address} calls a day, ApiDailyCeiling is {ceiling}"
        remedy = f"Set WafRateLimit in samconfig.toml below {ceiling // _WINDOWS_A_DAY}."
        return Check(name, State.WARNING, found, remedy)
    return Check(name, State.OK, f"{ceiling} calls a day, {quota} uploads a day with each password")
