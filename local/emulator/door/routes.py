"""Which part of the emulator a request is for, and so what the door asks of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from local.emulator.door.origins import Hosts
from local.emulator.door.request import Request

HEALTH = "/_ministack/health"
_ADMIN = re.compile(r"/_(?:ministack|localstack)(?:/|$)")
_API = re.compile(r"/_aws/execute-api/[a-z0-9]+/[^/]+(?P<path>/.*)?")
_CONNECTIONS = "/@connections/"  # managing a WebSocket API's connections is a call of AWS
_PUBLIC_KEYS = re.compile(r"/[a-z0-9-]+_[A-Za-z0-9]+/\.well-known/(?:jwks\.json|openid-configuration)")
_SIGN_IN = frozenset({
    ("GET", "/oauth2/authorize"),
    ("POST", "/login"),
    ("POST", "/oauth2/login"),
    ("POST", "/oauth2/token"),
    ("GET", "/oauth2/userInfo"),
    ("POST", "/oauth2/userInfo"),
    ("GET", "/logout"),
})  # fmt: skip
_SIGN_IN_PATHS = frozenset(path for _, path in _SIGN_IN)
_COGNITO_TARGET = "AWSCognitoIdentityProviderService."


class Route(Enum):
    """The part of the emulator that a request is for."""

    CLOSED = auto()
    """An administrator's route of the emulator, which nothing here uses."""
    HEALTH = auto()
    API = auto()
    """A deployed API, which authorizes its callers itself."""
    PUBLIC_KEYS = auto()
    SIGN_IN = auto()
    """The user pool's hosted sign-in."""
    PAGE = auto()
    """A file of a CloudFront distribution."""
    USER = auto()
    """A call of Cognito for users, which AWS takes without a signature, such as InitiateAuth or GetUser."""
    PREFLIGHT = auto()
    """A browser's question about the CORS rules of one of the routes for other sites."""
    AWS = auto()
    """Everything else: must be signed."""


OPEN_TO_OTHER_SITES = frozenset({Route.API, Route.PUBLIC_KEYS, Route.SIGN_IN, Route.PREFLIGHT})


@dataclass(frozen=True, slots=True)
class Router:
    """`is_unsigned_call` returns True for the names of Cognito's calls that AWS takes without a signature."""

    hosts: Hosts
    is_unsigned_call: Callable[[str], bool]

    def route(self, request: Request) -> Route:
        """Returns the route of a request whose host was checked. In doubt it is AWS, which needs a signature."""
        if _ADMIN.match(request.path):
            is_health = request.path == HEALTH and request.method in {"GET", "HEAD"}
            return Route.HEALTH if is_health else Route.CLOSED
        if request.has_credentials() and not _is_preflight(request):
            return Route.API if _is_api(request) else Route.AWS
        if request.method == "OPTIONS":
            return self._preflight(request)
        if _is_api(request):
            return Route.API
        if self.hosts.is_distribution(request):
            return Route.PAGE if request.method in {"GET", "HEAD"} else Route.AWS
        if not self.hosts.is_plain(request):
            return Route.AWS
        if request.method == "GET" and _PUBLIC_KEYS.fullmatch(request.path):
            return Route.PUBLIC_KEYS
        if (request.method, request.path) in _SIGN_IN:
            return Route.SIGN_IN
        return Route.USER if self._is_user_call(request) else Route.AWS

    def _preflight(self, request: Request) -> Route:
        """The emulator answers OPTIONS itself, except for APIs, which answer it too."""
        if _is_api(request):
            return Route.API
        known = request.path in _SIGN_IN_PATHS or _PUBLIC_KEYS.fullmatch(request.path) or _asks_for_put(request)
        return Route.PREFLIGHT if known and self.hosts.is_plain(request) else Route.AWS

    def _is_user_call(self, request: Request) -> bool:
        target = request.headers.get("x-amz-target", "")
        return (
            (request.method, request.raw_path, request.query) == ("POST", "/", ())
            and target.startswith(_COGNITO_TARGET)
            and self.is_unsigned_call(target.removeprefix(_COGNITO_TARGET))
        )


def _is_api(request: Request) -> bool:
    found = _API.fullmatch(request.path)
    return found is not None and not (found["path"] or "").startswith(_CONNECTIONS)


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and not request.has_header_credentials()


def _asks_for_put(request: Request) -> bool:
    """Returns True for the preflight of a PUT to a pre-signed URL. Paths with `/_` belong to no bucket."""
    return (
        request.headers.get("access-control-request-method") == "PUT"
        and any(name == "X-Amz-Signature" for name, _ in request.query)
        and not request.path.startswith("/_")
    )
