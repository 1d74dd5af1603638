"""The Cognito edge. A person waits at each sign-in: nothing here takes the network, or imports what would."""

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cognito_trigger import settings
from cognito_trigger.claims import ALLOWED_ROLES, NAMESPACE, USER_ID, Claims, Policy
from cognito_trigger.event import Trigger, UnsupportedEventError
from cognito_trigger.settings import ClaimsFormat
from runtime.settings import SettingError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


class TokenRefusedError(Exception):
    """No token without its claims. Cognito shows the message to the one who signs in; the log says more."""


def _load() -> tuple[Policy, ClaimsFormat]:
    """Fails the start, and with it each sign-in; but the name of the setting is for the log alone."""
    try:
        return settings.load()
    except SettingError:
        logger.exception("the function is misconfigured")
        raise TokenRefusedError("sign-in is misconfigured") from None


_policy, _claims_format = _load()


# log_event=False: an event holds what a person has told about themselves.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """The event with the claims. Any error refuses the sign-in: a token without claims is no lesser evil."""
    try:
        return _shape(Trigger(event))
    except UnsupportedEventError:
        logger.exception("no claims for this event", version=_text(event, "version"))
        raise
    except SettingError:
        logger.exception("the function is misconfigured")
        raise TokenRefusedError("sign-in is misconfigured") from None
    except Exception:
        logger.exception("unexpected error")
        raise TokenRefusedError("sign-in failed unexpectedly") from None


def _shape(trigger: Trigger) -> dict[str, Any]:
    if trigger.is_of_a_client:
        claims = _policy.claims_of_client(trigger.client_id)
    else:
        claims = _policy.claims_of(trigger.user())
    if claims is None:
        logger.warning("the client has no role in ROLES_BY_CLIENT", client_id=trigger.client_id)
        return trigger.untouched
    shaped = trigger.with_claim(NAMESPACE, _formatted(claims, trigger))
    logger.info("claims added", source=trigger.source, user_id=claims[USER_ID], roles=claims[ALLOWED_ROLES])
    return shaped


def _formatted(claims: Claims, trigger: Trigger) -> str | Claims:
    if _claims_format is ClaimsFormat.STRINGIFIED_JSON:
        return json.dumps(claims, separators=(",", ":"))
    if trigger.takes_text_alone:
        raise SettingError("environment variable CLAIMS_FORMAT is json, which takes version 2 or 3 of the event")
    return claims


def _text(event: object, name: str) -> str:
    return str(event.get(name) if isinstance(event, dict) else None)[:100]
