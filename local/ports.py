"""Ports on loopback: finds free ones and the program that holds one."""

import os
import socket
from pathlib import Path

from local.progress import UsageError

LOOPBACK = "127.0.0.1"
LAST = 65535
RANGE = f"a port number from 1 to {LAST}"
RANGE_OR_ANY = f"{RANGE} (or 0 for any free one)"


def number(text: str, lowest: int = 1) -> int:
    """Parses a port. Raises ValueError."""
    port = int(text)
    if not lowest <= port <= LAST:
        raise ValueError(text)
    return port


def from_environment(name: str, lowest: int = 1) -> int | None:
    """Returns the port in an environment variable; None when unset or empty. Raises UsageError."""
    text = os.environ.get(name)
    try:
        return number(text, lowest) if text else None
    except ValueError:
        raise UsageError(f"{name} must be {RANGE if lowest else RANGE_OR_ANY}") from None


def is_free(port: int) -> bool:
    """Returns True when a server can listen on the port. A port in TIME_WAIT counts as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    return True


def answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def is_own_address(address: str) -> bool:
    """Returns True when the IPv4 address belongs to this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def any_free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def holder(port: int) -> str:
    """Returns a description of the program that listens on the port, if this user may see it (Linux only)."""
    inodes = _listening_inodes(port)
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.removeprefix("socket:[").rstrip("]") in inodes:
            process = descriptor.parent.parent
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            return f"process {process.name}, {command[:120]}"
    return "another program"


def _listening_inodes(port: int) -> set[str]:
    """Yields inodes of sockets in state LISTEN (0A) from /proc/net/tcp."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(columns[9])
    return inodes
