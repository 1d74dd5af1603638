"""`python -m local.hasura --port PORT` serves the stand-in on loopback until SIGTERM or Ctrl-C."""

import argparse
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from local import ports
from local.hasura import settings
from local.hasura.engine import Engine
from local.hasura.server import Server
from local.paths import ROOT
from runtime.settings import SettingError

_ENVIRONMENT = (
    "Environment: HASURA_GRAPHQL_DATABASE_URL, HASURA_GRAPHQL_ADMIN_SECRET and, to accept tokens, "
    "HASURA_GRAPHQL_JWT_SECRET (`phenom hasura-jwt local` prints one)."
)


def main() -> int:
    options = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    try:
        engine = Engine(settings.load(os.environ), options.project)
        server = Server((ports.LOOPBACK, options.port), engine)
    except (SettingError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    engine.open()
    print(f"http://{ports.LOOPBACK}:{server.server_port}/v1/graphql", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.05)
    server.server_close()
    engine.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.hasura", description=__doc__, epilog=_ENVIRONMENT)
    parser.add_argument("--port", type=int, default=8080, help="0 for any free port (default: 8080)")
    parser.add_argument("--project", type=Path, default=ROOT / "hasura", help="folder of schema.graphql and metadata/")
    return parser


if __name__ == "__main__":
    sys.exit(main())
