"""Which hosts the door serves, and which requests come from another site's page.

A page can make a browser send requests to loopback. It cannot choose the headers Host, Origin and Sec-Fetch-Site. Host
has the page's own name when that name resolves to loopback (DNS rebinding).
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from local.emulator.door.request import RefusedError, Request

_HOST = re.compile(r"(?P<name>\[::1\]|[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?")
_PLAIN = frozenset({"localhost", "127.0.0.1", "[::1]"})
_IPV4 = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_DISTRIBUTION = re.compile(r"([a-z0-9]+)\.cloudfront\.net")
_OWN_SITE = frozenset({"none", "same-origin"})


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which the emulator listens on `port`.

    `has_distribution` returns True for the label of a deployed CloudFront distribution: `make run` serves the upload
    page with such a name in the header Host (local/page_server.py).
    """

    port: int
    has_distribution: Callable[[str], bool]

    def check(self, request: Request) -> None:
        """Raises RefusedError for a Host that is not the emulator's."""
        found = _HOST.fullmatch(request.host)
        if found is None or not self._is_own(found["name"], found["port"]):
            raise RefusedError(
                "InvalidHost",
                f"The local cloud does not answer to the host {request.host!r}: use 127.0.0.1:{self.port}.",
                HTTPStatus.FORBIDDEN,
            )

    def is_plain(self, request: Request) -> bool:
        """Returns True for an address or `localhost`: no bucket's, API's or distribution's name."""
        name = request.host.removesuffix(f":{self.port}")
        return name in _PLAIN or _IPV4.fullmatch(name) is not None

    def is_distribution(self, request: Request) -> bool:
        found = _DISTRIBUTION.fullmatch(request.host)
        return found is not None and self.has_distribution(found[1])

    def _is_own(self, name: str, port: str | None) -> bool:
        if port is None:
            found = _DISTRIBUTION.fullmatch(name)
            return found is not None and self.has_distribution(found[1])
        if int(port) != self.port:
            return False
        # Browsers resolve every name in .localhost to loopback, so none of them can belong to another site.
        return name in _PLAIN or name.endswith(".localhost") or _is_address_of_this_machine(name)


def _is_address_of_this_machine(name: str) -> bool:
    """Returns True for this machine's IPv4 addresses: containers of `sam local` reach the emulator through a bridge."""
    if not _IPV4.fullmatch(name):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((name, 0))
        except OSError:
            return False
    return name != "0.0.0.0"  # noqa: S104 - compared, not bound: pages can connect to it


def is_foreign(request: Request) -> bool:
    """Returns True when a browser sent the request for a page of another origin."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "none").strip().lower()
    return (origin is not None and origin.strip().lower() != f"http://{request.host}") or site not in _OWN_SITE
