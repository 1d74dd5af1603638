"""Commands on the local cloud: `python -m local.cloud run | up | down | status`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from local import banner, stack
from local.lifecycle import Cloud, InUseError
from local.logs import follow
from local.places import DEFAULT_DIRECTORY, Places
from local.progress import TroubleError, complain, say, tail
from local.scanner import DEFAULT_PORT as CLAMD_PORT
from local.scanner import Address

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    cloud = Cloud(Places(options.dir.resolve()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `make stop` ends a run as Ctrl-C does
    try:
        return int(options.serve(cloud, options))
    except TroubleError as trouble:
        complain(trouble)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def run(cloud: Cloud, options: argparse.Namespace) -> int:
    """Up, logs until Ctrl-C, down."""
    try:
        with cloud.owned():
            return _run(cloud, options)
    except InUseError as trouble:
        if not cloud.places.stack.exists():
            raise
        say(banner.of(cloud, stack.read(cloud.places.stack)))
        complain(TroubleError(f"It already runs. {trouble} `make stop` stops it."))
        return 1


def up(cloud: Cloud, options: argparse.Namespace) -> int:
    """Leaves the cloud running in the background."""
    with cloud.owned():
        ran = cloud.runs()
        try:
            offered = _up(cloud, options)
        except BaseException:
            if not ran:
                cloud.down()
            raise
        say(banner.of(cloud, offered))
    return 0


def down(cloud: Cloud, _: argparse.Namespace) -> int:
    try:
        with cloud.owned():
            if not cloud.runs():
                say("The local cloud is not running.")
            cloud.down()
    except InUseError:
        say("Asking the command that runs the local cloud to stop it.")
        cloud.stop_owner()
    return 0


def status(cloud: Cloud, _: argparse.Namespace) -> int:
    if not (cloud.runs() and cloud.places.stack.exists()):
        say("The local cloud is not running.")
        return 1
    say(banner.of(cloud, stack.read(cloud.places.stack)))
    return 0


def _run(cloud: Cloud, options: argparse.Namespace) -> int:
    try:
        offered = _up(cloud, options)
        say(banner.of(cloud, offered))
        say("Following the functions' logs; Ctrl-C stops everything.\n")
        _follow(cloud, offered)
    except KeyboardInterrupt:
        say("\nStopping; Ctrl-C again kills at once.")
        return 0
    finally:
        _stop(cloud)


def _up(cloud: Cloud, options: argparse.Namespace) -> stack.Stack:
    say("Bringing up the local cloud")
    clamav = Address(options.clamav_host, options.clamav_port) if options.clamav_host else None
    return cloud.up(options.port, clamav, scanning=options.scanning)


def _follow(cloud: Cloud, offered: stack.Stack) -> NoReturn:
    names = {"presign": offered.functions.presign, "validator": offered.functions.validator}
    lines = follow(cloud.aws(), names)
    while cloud.runs():
        next(lines)
    raise TroubleError(f"The emulator is gone:\n{tail(cloud.emulator.daemon.log)}")


def _stop(cloud: Cloud) -> None:
    try:
        cloud.down()
    except KeyboardInterrupt:
        cloud.kill()
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for serve, text in (
        (run, "bring it up, follow the logs, stop it at Ctrl-C"),
        (up, "bring it up and leave it running"),
        (down, "stop it; its state is kept"),
        (status, "say what it offers"),
    ):
        command = commands.add_parser(serve.__name__, help=text)
        command.set_defaults(serve=serve)
        command.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY, help="where it keeps everything (.local)")
        if serve in {run, up}:
            _add_settings(command)
    return parser


def _add_settings(command: argparse.ArgumentParser) -> None:
    port = os.environ.get("LOCAL_PORT")
    command.add_argument("--port", type=int, default=int(port) if port else None, help="4566; 0 for any free one")
    command.add_argument("--clamav-host", help="clamd to scan with, instead of one of our own")
    command.add_argument("--clamav-port", type=int, default=CLAMD_PORT, help=f"its port ({CLAMD_PORT})")
    command.add_argument("--no-scanning", dest="scanning", action="store_false", help="no clamd at all")


if __name__ == "__main__":
    sys.exit(main())
