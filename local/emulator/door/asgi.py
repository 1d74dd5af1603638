"""The door as an ASGI application around the emulator's."""

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.emulator.door import answers
from local.emulator.door.origins import is_foreign
from local.emulator.door.request import RefusedError, Request
from local.emulator.door.routes import OPEN_TO_OTHER_SITES, Route, Router
from local.emulator.door.signature import Signature, check_signature, needs_body, parse_signature

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Any, Receive, Send], Awaitable[None]]

# The emulator takes every Authorization that is no signature for root's, and chooses services by its text: only these
# routes get one.
_KEEP_AUTHORIZATION = frozenset({Route.API, Route.SIGN_IN})
_log = logging.getLogger("door")


class DisconnectedError(Exception):
    """The client closed the connection before it had sent the body."""


class Body:
    """The body of one request, which arrives in messages."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_complete = False

    async def read(self) -> bytes:
        """Raises DisconnectedError."""
        chunks = []
        while not self._is_complete:
            chunks.append(await self._next())
        return b"".join(chunks)

    async def drop(self) -> None:
        """Reads the rest and drops it: a client that still sends would not see the answer."""
        while not self._is_complete:
            await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            self._is_complete = True
            raise DisconnectedError
        self._is_complete = not message.get("more_body", False)
        return bytes(message.get("body", b""))


@dataclass(frozen=True, slots=True)
class Door:
    """Passes on requests that are for this emulator, do not come from another site's page, and are signed or public.

    `secret_of` returns the secret of an access key and its session token, or raises RefusedError. `cors_headers`
    returns a bucket's CORS headers, with which a page can read why its upload was refused.
    """

    emulator: Application
    router: Router
    secret_of: Callable[[str, str], str]
    cors_headers: Callable[[Request], Mapping[str, str]]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.emulator(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:  # no program here uses the emulator's WebSockets
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _serve(self, scope: Any, receive: Receive, send: Send) -> None:
        request, body = None, Body(receive)
        try:
            request = Request.parse(scope)
            passed_on = await self._check(request, scope, receive, body)
        except DisconnectedError:
            return
        except RefusedError as error:
            await self._refuse(error, request, scope, body, send)
            return
        await self.emulator(*passed_on, send)

    async def _check(self, request: Request, scope: Any, receive: Receive, body: Body) -> tuple[Any, Receive]:
        """Returns the scope and `receive` to pass on. Raises RefusedError or DisconnectedError."""
        self.router.hosts.check(request)
        route = self.router.route(request)
        if route is Route.CLOSED:
            raise RefusedError("AccessDenied", "The local cloud closes this route of the emulator.")
        is_signed = route is Route.AWS or (route is Route.API and request.has_credentials())
        signature = parse_signature(request) if is_signed else None
        if is_foreign(request) and not _is_open_to_other_sites(route, request, signature):
            raise RefusedError("AccessDenied", "The local cloud refuses requests from pages of other sites.")
        if signature is not None:
            receive = await self._check_signature(signature, request, receive, body)
        keeps = route in _KEEP_AUTHORIZATION or request.has_header_credentials()
        return (scope if keeps else _without_authorization(scope)), receive

    async def _check_signature(self, signature: Signature, request: Request, receive: Receive, body: Body) -> Receive:
        """Returns `receive`, which repeats a body that had to be read."""
        signature.check_time(datetime.now(UTC))
        secret = self.secret_of(signature.key_id, signature.token)
        if not needs_body(signature, request):
            check_signature(signature, request, secret, b"")
            return receive
        content = await body.read()
        check_signature(signature, request, secret, content)
        return _repeat(content, receive)

    async def _refuse(self, error: RefusedError, request: Request | None, scope: Any, body: Body, send: Send) -> None:
        _log.warning("refused %.20r %.200r: %.300r (%s)", scope["method"], scope["path"], str(error), error.code)
        with suppress(DisconnectedError):
            await body.drop()
            cors = self.cors_headers(request) if request and request.has_query_credentials() else {}
            await answers.refuse(send, error, request, cors)


def _is_open_to_other_sites(route: Route, request: Request, signature: Signature | None) -> bool:
    is_signed_put = (
        signature is not None and signature.presigned and signature.service == "s3" and request.method == "PUT"
    )
    return route in OPEN_TO_OTHER_SITES or is_signed_put


def _without_authorization(scope: Any) -> Any:
    return {**scope, "headers": [line for line in scope["headers"] if line[0].lower() != b"authorization"]}


def _repeat(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
