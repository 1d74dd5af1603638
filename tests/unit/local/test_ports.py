"""Ports in use are detected and their holders named."""

import os
import socket
import sys

import pytest

from local import ports


def test_port_is_in_use_while_a_server_listens() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_holder_of_a_port_is_named() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        assert ports.holder(server.getsockname()[1]).startswith(f"process {os.getpid()}, ")


def test_invisible_holder_is_described_as_another_program() -> None:
    assert ports.holder(ports.any_free()) == "another program"
