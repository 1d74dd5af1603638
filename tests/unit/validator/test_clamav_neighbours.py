"""Another service, or none, at the address of clamd."""

import socket
import threading

import pytest

from testkit.scripted_clamd import Session, clamd_that, server_that
from validator.clamav import ClamAv
from validator.ports import ScannerError

pytestmark = pytest.mark.usefixtures("short_timeouts")

CHUNKS = [b"first chunk", b"second chunk"]


def clean(session: Session) -> None:
    session.all()
    session.say(b"stream: OK\0")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_refused_connection_raises_scanner_error():
    with pytest.raises(ScannerError):
        ClamAv("127.0.0.1", free_port()).scan(CHUNKS)


def test_clamd_stopped_after_the_first_scan_raises_scanner_error():
    with clamd_that(clean) as clamd:
        scanner = ClamAv("127.0.0.1", clamd.port)
        assert scanner.scan(CHUNKS) is None
    with pytest.raises(ScannerError):
        scanner.scan(CHUNKS)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a" * 70 + ".invalid"])
def test_unknown_host_raises_scanner_error(host):
    with pytest.raises(ScannerError):
        ClamAv(host, 3310).scan(CHUNKS)


@pytest.mark.parametrize(
    "greeting",
    [b"", b"220 mail.example.org ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfb\x01", b"+PONG\r\n"],
)
def test_another_service_on_the_port_raises_scanner_error(greeting):
    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting)
        connection.recv(1000)

    with server_that(talk) as port, pytest.raises(ScannerError):
        ClamAv("127.0.0.1", port).scan(CHUNKS)


def test_echo_service_raises_scanner_error():
    def talk(connection: socket.socket) -> None:
        while data := connection.recv(1000):
            connection.sendall(data)

    with server_that(talk) as port, pytest.raises(ScannerError):
        ClamAv("127.0.0.1", port).scan([b"stream: OK\0"])


def test_silent_service_raises_scanner_error():
    release = threading.Event()
    with server_that(lambda connection: release.wait(5)) as port:
        with pytest.raises(ScannerError):
            ClamAv("127.0.0.1", port).scan(CHUNKS)
        release.set()


def test_known_version_is_not_requested_again():
    with clamd_that(clean) as clamd:
        scanner = ClamAv("127.0.0.1", clamd.port)
        scanner.scan(CHUNKS)
        scanner.scan(CHUNKS)
        assert clamd.commands == [b"VERSION", b"INSTREAM", b"INSTREAM"]
        assert scanner.version().startswith("ClamAV 1.4.3/27800")


@pytest.mark.parametrize("version", [b"", b"ERROR", b"Sophos 1.0", b"\xff\xff"])
def test_version_of_another_program_is_requested_again(version):
    with clamd_that(clean, version) as clamd:
        scanner = ClamAv("127.0.0.1", clamd.port)
        for _ in range(2):
            with pytest.raises(ScannerError):
                scanner.scan(CHUNKS)
        assert clamd.commands == [b"VERSION", b"VERSION"]
