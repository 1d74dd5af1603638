"""Who calls, as far as an address says it."""

import ipaddress
from collections.abc import Mapping
from typing import Any

UNKNOWN = "unknown"
_IPV6_PREFIX = 64


def caller_of(event: Mapping[str, Any]) -> str:
    """As `network_of` the address that API Gateway saw the connection come from.

    X-Forwarded-For is what the caller says of itself, and never looked at.
    """
    context = event.get("requestContext")
    identity = context.get("identity") if isinstance(context, Mapping) else None
    return network_of(identity.get("sourceIp") if isinstance(identity, Mapping) else None)


def network_of(source_ip: object) -> str:
    """The address by which wrong passwords are counted: of IPv4 itself, of IPv6 the /64 that it is in.

    One subscriber has a whole /64 (RFC 6177), and with it more addresses than anybody can count. What is no address is
    UNKNOWN, which all such callers share.
    """
    if not isinstance(source_ip, str):
        return UNKNOWN
    try:
        address = ipaddress.ip_address(source_ip.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
