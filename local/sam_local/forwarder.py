"""Lets the containers of one network reach servers that listen only on this machine's loopback.

The forwarder listens at the network's gateway address on the given ports. It closes connections that come neither from
that network nor from this machine, such as those of a neighbour on the LAN that routes packets to the address.
"""

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from local import ports
from local.progress import TroubleError
from local.sam_local.docker_engine import Network

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Route:
    """Forwards `port` at the gateway to `target` on loopback, with TLS towards the container if `tls` is given."""

    port: int
    target: int
    tls: ssl.SSLContext | None = None


@contextmanager
def forwarding(network: Network, routes: Iterable[Route]) -> Iterator[None]:
    """Forwards while the context is open. Raises TroubleError when a port is in use."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="forwarder", daemon=True)
    thread.start()

    def do[T](work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    servers: list[asyncio.Server] = []
    connections: set[asyncio.Task[None]] = set()
    try:
        servers.extend(do(_listen(network, route, connections)) for route in routes)
        yield
    finally:
        do(_close(servers, connections))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(network: Network, route: Route, connections: set[asyncio.Task[None]]) -> asyncio.Server:
    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_take(reader, writer, network, route.target))
        connections.add(task)  # the event loop holds only weak references to tasks
        task.add_done_callback(connections.discard)

    try:
        return await asyncio.start_server(accept, network.gateway, route.port, ssl=route.tls)
    except OSError as error:
        raise TroubleError(f"Port {route.port} at {network.gateway} is not available: {error.strerror}") from error


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, network: Network, target: int) -> None:
    try:
        peer = writer.get_extra_info("peername")[0]
        if ip_address(peer) in network.subnet or ports.is_own_address(peer):
            await _connect(reader, writer, target)
    except* OSError:
        pass  # when one end closes, the other one is closed too
    finally:
        writer.close()


async def _connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
    from_server, to_server = await asyncio.open_connection(ports.LOOPBACK, target)
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass_on(reader, to_server))
            both.create_task(_pass_on(from_server, writer))
    finally:
        to_server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies until the end of the stream and passes that on: a half-close, or a full close with TLS."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()


async def _close(servers: list[asyncio.Server], connections: set[asyncio.Task[None]]) -> None:
    for server in servers:
        server.close()
        server.abort_clients()
        await server.wait_closed()  # includes connections that were being accepted
    left = list(connections)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.sleep(0)  # lets the other ends close
