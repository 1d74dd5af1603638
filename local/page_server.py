"""Serves the emulated CloudFront distribution on a loopback port: `python -I page_server.py ENDPOINT HOST PORT`.

The emulator selects a distribution by the Host header, and its host name cannot be resolved here. The browser receives
the distribution's answer, headers included.
"""

import sys
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

# valid only for https, or only for the connection to the emulator
_LEFT_OUT = {"connection", "transfer-encoding", "strict-transport-security", "server", "date"}


class PageProxy(BaseHTTPRequestHandler):
    """Forwards GET and HEAD; keeps no state between requests."""

    endpoint: ClassVar[str]
    host: ClassVar[str]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        upstream = urlsplit(self.endpoint)
        connection = HTTPConnection(upstream.hostname or "", upstream.port, timeout=30)
        try:
            connection.request(self.command, self.path, headers={"Host": self.host})
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            self.send_error(HTTPStatus.BAD_GATEWAY, "The emulator does not answer")
            return
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _LEFT_OUT:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for


if __name__ == "__main__":
    _, PageProxy.endpoint, PageProxy.host, port = sys.argv
    ThreadingHTTPServer(("127.0.0.1", int(port)), PageProxy).serve_forever()
