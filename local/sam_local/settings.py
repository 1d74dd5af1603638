"""Environment of a function in a container: as deployed, except for addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_LOOPBACK = r"(?:127\.0\.0\.1|localhost)"
_HOST_OF_URL = re.compile(rf"(?<=://){_LOOPBACK}(?=[:/]|$)")
_HOST = re.compile(_LOOPBACK)


@dataclass(frozen=True, slots=True)
class Settings:
    """`variables` for the container, and the ports of this machine that they refer to."""

    variables: dict[str, str]
    ports: frozenset[int]


def reached_from(gateway: str, deployed: Mapping[str, str], endpoint: str) -> Settings:
    """Returns the deployed variables with loopback addresses replaced by `gateway`.

    Only addresses that a function connects to are changed, recognised by their names: `…_URL`, and `…_HOST` with its
    `…_PORT`. The allowed web origin stays. `endpoint` is the emulator's, which the emulator adds itself.
    """
    variables, ports = dict(deployed) | {"AWS_ENDPOINT_URL": endpoint}, set()
    for name, value in variables.items():
        if name.endswith("_URL") and _HOST_OF_URL.search(value):
            variables[name] = _HOST_OF_URL.sub(gateway, value)
            ports.add(_port_of(value))
        elif name.endswith("_HOST") and _HOST.fullmatch(value):
            variables[name] = gateway
            ports.add(int(variables[name.removesuffix("_HOST") + "_PORT"]))
    return Settings(variables, frozenset(ports))


def _port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
