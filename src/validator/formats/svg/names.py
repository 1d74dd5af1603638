"""Names of elements and attributes as the XML parser reports them: namespace, local name and prefix."""

from functools import lru_cache

SVG = "http://www.w3.org/2000/svg"
XML = "http://www.w3.org/XML/1998/namespace"

SEPARATOR = "\x01"
"""Stands between the parts of a name; no XML document can contain it."""


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, str, str]:
    """Returns namespace, local name and prefix; the namespace and the prefix may be ""."""
    parts = name.split(SEPARATOR)
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
