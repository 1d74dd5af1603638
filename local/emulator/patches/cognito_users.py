"""Patches the emulator's Cognito so that a pool's settings about its users have the effect that they have on AWS.

* Users cannot register in a pool where administrators create all users.
* User names and addresses are compared without regard to case where the pool says so.
* Users may write only the attributes that the app client may write, and never whether an address is verified.
* A new address replaces the old one only after the user has entered the code, where the pool says so. The emulator has
  no VerifyUserAttribute.
* The code that resets a forgotten password is random: the emulator's is always the same.

Codes are in the emulator's log, because no mail is sent.
"""

import importlib
import logging
import secrets
from collections.abc import Callable, Collection
from typing import Any

_NEVER_WRITTEN = frozenset({"sub", "email_verified", "phone_number_verified"})
_PENDING = "_pending_attributes"
_log = logging.getLogger("cognito")

type Answer = tuple[int, dict[str, str], bytes]
type Handler = Callable[[dict[str, Any]], Answer]


def install() -> None:
    cognito: Any = importlib.import_module("ministack.services.cognito")
    rules = UserRules(cognito)
    cognito._resolve_user = without_case(cognito._resolve_user, cognito._attr_list_to_dict)
    cognito._sign_up = rules.closing_registration(cognito._sign_up)
    cognito._forgot_password = rules.with_random_code(cognito._forgot_password)
    cognito._update_user_attributes = rules.with_verification(cognito._update_user_attributes)
    cognito._UNSIGNED_IDP_ACTIONS.add("VerifyUserAttribute")
    cognito._dispatch_idp = _with_call(cognito, "VerifyUserAttribute", rules.verify)


def without_case(resolve: Any, attributes_of: Callable[[Any], dict[str, str]]) -> Any:
    """Wraps the search for a user by name, `sub` or alias."""

    def resolve_user(pool: dict[str, Any], username: Any) -> Any:
        found = resolve(pool, username)
        is_sensitive = pool.get("UsernameConfiguration", {}).get("CaseSensitive", True)
        if found[0] is not None or is_sensitive or not isinstance(username, str):
            return found
        aliases = pool.get("UsernameAttributes") or []
        for name, user in pool["_users"].items():
            attributes = attributes_of(user.get("Attributes", []))
            if username.casefold() in {each.casefold() for each in (name, *map(attributes.get, aliases)) if each}:
                return user, None
        return found

    return resolve_user


class UserRules:
    """The rules for calls that users make themselves. `cognito` is the emulator's module."""

    def __init__(self, cognito: Any) -> None:
        self._cognito = cognito

    def closing_registration(self, sign_up: Handler) -> Handler:
        def closed_sign_up(data: dict[str, Any]) -> Answer:
            pool, _ = self._cognito._pool_for_client(data.get("ClientId"))
            if pool and pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"):
                return self._refuse("NotAuthorizedException", "SignUp is not permitted for this user pool")
            return sign_up(data)

        return closed_sign_up

    def with_random_code(self, forgot_password: Handler) -> Handler:
        def forgot_password_with_random_code(data: dict[str, Any]) -> Answer:
            answer = forgot_password(data)
            pool, _ = self._cognito._pool_for_client(data.get("ClientId"))
            user = self._cognito._resolve_user(pool, data.get("Username"))[0] if pool else None
            if user and user.get("_reset_code"):
                user["_reset_code"] = _new_code(user, "password")
            return answer

        return forgot_password_with_random_code

    def with_verification(self, update: Handler) -> Handler:
        def update_user_attributes(data: dict[str, Any]) -> Answer:
            user, pool = self._cognito._user_pool_for_access_token(data.get("AccessToken", ""))
            if not user:
                return update(data)
            changes = self._cognito._attr_list_to_dict(data.get("UserAttributes", []))
            client_id = self._cognito._token_claims(data["AccessToken"]).get("client_id")
            if not may_write(pool["_clients"].get(client_id) or {}, changes):
                return self._refuse("NotAuthorizedException", "A client attempted to write unauthorized attribute")
            settings = pool.get("UserAttributeUpdateSettings", {})
            verified_first = settings.get("AttributesRequireVerificationBeforeUpdate", [])
            delayed = {name: changes[name] for name in verified_first if name in changes}
            if any(self._is_taken(pool, user, value) for value in delayed.values()):
                return self._taken()
            now = [each for each in data.get("UserAttributes", []) if each["Name"] not in delayed]
            status, headers, body = update(data | {"UserAttributes": now})
            if status != 200 or not delayed:
                return status, headers, body
            return self._ask_for_codes(user, delayed)

        return update_user_attributes

    def verify(self, data: dict[str, Any]) -> Answer:
        """Answers VerifyUserAttribute, which enters the code for a new address."""
        user, pool = self._cognito._user_pool_for_access_token(data.get("AccessToken", ""))
        if not user:
            return self._refuse("NotAuthorizedException", "Invalid access token.")
        name = data.get("AttributeName", "")
        pending = user.get(_PENDING, {}).get(name)
        if pending is None:
            return self._refuse("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if not secrets.compare_digest(str(data.get("Code")).encode(), pending["code"].encode()):
            return self._refuse("CodeMismatchException", "Invalid verification code provided, please try again.")
        if self._is_taken(pool, user, pending["value"]):
            return self._taken()
        del user[_PENDING][name]
        verified = [{"Name": name, "Value": pending["value"]}, {"Name": f"{name}_verified", "Value": "true"}]
        user["Attributes"] = self._cognito._merge_attributes(user.get("Attributes", []), verified)
        user["UserLastModifiedDate"] = self._cognito._now_epoch()
        return self._answer({})

    def _ask_for_codes(self, user: dict[str, Any], delayed: dict[str, str]) -> Answer:
        pending = user.setdefault(_PENDING, {})
        for name, value in delayed.items():
            pending[name] = {"value": value, "code": _new_code(user, name)}
        return self._answer({
            "CodeDeliveryDetailsList": [
                {
                    "AttributeName": name,
                    "DeliveryMedium": "EMAIL",
                    "Destination": self._cognito._masked_destination(value),
                }
                for name, value in delayed.items()
            ]
        })  # fmt: skip

    def _is_taken(self, pool: dict[str, Any], user: dict[str, Any], value: str) -> bool:
        other, _ = self._cognito._resolve_user(pool, value)
        return other is not None and other is not user

    def _taken(self) -> Answer:
        return self._refuse("AliasExistsException", "An account with the given email already exists.")

    def _refuse(self, code: str, message: str) -> Answer:
        refusal: Answer = self._cognito.error_response_json(code, message, 400)
        return refusal

    def _answer(self, content: dict[str, Any]) -> Answer:
        answer: Answer = self._cognito.json_response(content)
        return answer


def _new_code(user: dict[str, Any], what: str) -> str:
    """Returns a code and writes it to the log. It is longer than AWS's, because nothing limits the guesses."""
    code = secrets.token_hex(8)
    _log.warning("code for the new %s of user %s: %s", what, user["Username"], code)
    return code


def may_write(client: dict[str, Any], names: Collection[str]) -> bool:
    """Returns True when the app client may write these attributes. A client without a list may write all."""
    allowed = client.get("WriteAttributes") or names
    return all(name in allowed and name not in _NEVER_WRITTEN for name in names)


def _with_call(cognito: Any, name: str, handler: Handler) -> Any:
    """Wraps the choice of a call's handler to know one more call."""
    dispatch = cognito._dispatch_idp

    async def dispatch_idp(action: str, data: dict[str, Any]) -> Any:
        return cognito._run_idp_handler(handler, action, data) if action == name else await dispatch(action, data)

    return dispatch_idp
