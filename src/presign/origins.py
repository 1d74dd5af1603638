"""The web origins whose pages may call the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

ANY_ORIGIN = "*"
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class ForeignOriginError(Exception):
    """A page of another origin makes the call. The message is the origin as the browser sent it, shortened."""


@dataclass(frozen=True, slots=True)
class AllowedOrigins:
    """`origins` in the order of the setting; `*` among them allows every page (only in the local cloud)."""

    origins: tuple[str, ...]

    def check(self, origin: str | None) -> None:
        """Raises ForeignOriginError. `origin` is the header, None when the call does not come from a page."""
        if origin is not None and not self._allows(origin):
            raise ForeignOriginError(origin[:100])

    def headers(self, origin: str | None) -> Mapping[str, str]:
        """Returns the CORS header that names the origin; none for a foreign one, so that its browser hides the answer.

        Without `origin` it names the first one, as API Gateway's own answers do.
        """
        if ANY_ORIGIN in self.origins:
            return {"Access-Control-Allow-Origin": ANY_ORIGIN}
        named = self.origins[0] if origin is None else origin
        return {"Access-Control-Allow-Origin": named} if self._allows(named) else {}

    def _allows(self, origin: str) -> bool:
        return ANY_ORIGIN in self.origins or origin in self.origins


def parse_origins(text: str) -> AllowedOrigins | None:
    """Returns the origins of a list with commas, None unless each is `*` or such as https://upload.example.org."""
    origins = tuple(dict.fromkeys(each.strip() for each in text.split(",")))
    valid = all(each == ANY_ORIGIN or _ORIGIN.fullmatch(each) for each in origins)
    return AllowedOrigins(origins) if valid else None
