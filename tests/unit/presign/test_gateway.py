"""The caller's address, by which failed attempts are counted."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presign.gateway import UNKNOWN_ADDRESS, caller_address, counted_address


@pytest.mark.parametrize(
    ("source_ip", "network"),
    [
        ("203.0.113.24", "203.0.113.24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.24", "203.0.113.24"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_ipv4_is_counted_by_address_and_ipv6_by_its_64(source_ip, network):
    assert counted_address(source_ip) == network


@pytest.mark.parametrize(
    "source_ip", [None, "", "test-invoke-source-ip", "203.0.113", "1.2.3.4, 5.6.7.8", 7, ["1.2.3.4"]]
)
def test_invalid_address_is_unknown(source_ip):
    assert counted_address(source_ip) == UNKNOWN_ADDRESS


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_addresses_of_a_64_share_one_count(address: ipaddress.IPv6Address, host: int):
    if not address.ipv4_mapped:
        neighbour = ipaddress.IPv6Address((int(address) >> 64 << 64) | host)
        assert counted_address(str(neighbour)) == counted_address(str(address)) or neighbour.ipv4_mapped


@given(st.text())
def test_any_text_is_a_network_or_unknown(text: str):
    network = counted_address(text)
    assert network == UNKNOWN_ADDRESS or ipaddress.ip_network(network)


@pytest.mark.parametrize(
    "event", [{}, {"requestContext": None}, {"requestContext": "x"}, {"requestContext": {"identity": None}}]
)
def test_event_without_an_identity_is_unknown(event: dict[str, Any]):
    assert caller_address(event) == UNKNOWN_ADDRESS


def test_forwarding_headers_are_ignored():
    headers = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    event = {"headers": headers, "requestContext": {"identity": {"sourceIp": "203.0.113.24"}}}
    assert caller_address(event) == "203.0.113.24"
