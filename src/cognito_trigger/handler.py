"""Lambda handler of the pre-token generation trigger: adds Hasura's claims to tokens.

Every sign-in waits for it: it makes no network call and imports no AWS client.
"""

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cognito_trigger import settings
from cognito_trigger.claims import ALLOWED_ROLES, NAMESPACE, USER_ID, Claims
from cognito_trigger.event import PreTokenEvent, UnsupportedEventError
from cognito_trigger.settings import ClaimsFormat, Settings
from runtime.keep_warm import is_warm_up
from runtime.settings import SettingError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


class TokenRefusedError(Exception):
    """The sign-in is refused. Cognito shows the message to the user; details are only in the log."""


def _load_settings() -> Settings:
    """Raises TokenRefusedError, which stops the start and every sign-in; only the log names the setting."""
    try:
        return settings.load()
    except SettingError:
        logger.exception("the function is misconfigured")
        raise TokenRefusedError("sign-in is misconfigured") from None


_settings = _load_settings()


# log_event=False: the event holds personal data.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Returns the event with the claims. Every error refuses the sign-in: no token is issued without its claims."""
    if is_warm_up(event):
        return {}
    try:
        return _add_claims(PreTokenEvent(event))
    except UnsupportedEventError:
        logger.exception("no claims for this event", version=_text(event, "version"))
        raise
    except SettingError:
        logger.exception("the function is misconfigured")
        raise TokenRefusedError("sign-in is misconfigured") from None
    except Exception:
        logger.exception("unexpected error")
        raise TokenRefusedError("sign-in failed unexpectedly") from None


def _add_claims(event: PreTokenEvent) -> dict[str, Any]:
    policy = _settings.policy
    claims = policy.client_claims(event.client_id) if event.is_client_credentials else policy.user_claims(event.user())
    if claims is None:
        logger.warning("the client has no role in ROLES_BY_CLIENT", client_id=event.client_id)
        return event.raw
    result = event.with_claim(NAMESPACE, _format_claims(claims, event))
    logger.info("claims added", source=event.source, user_id=claims[USER_ID], roles=claims[ALLOWED_ROLES])
    return result


def _format_claims(claims: Claims, event: PreTokenEvent) -> str | Claims:
    if _settings.claims_format is ClaimsFormat.STRINGIFIED_JSON:
        return json.dumps(claims, separators=(",", ":"))
    if event.string_claims_only:
        raise SettingError("environment variable CLAIMS_FORMAT is json, which needs version 2 or 3 of the event")
    return claims


def _text(event: object, name: str) -> str:
    return str(event.get(name) if isinstance(event, dict) else None)[:100]
