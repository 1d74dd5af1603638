"""Commands on the local cloud: `python -m local.cloud run | up | down | status`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local import banner, clamd, ports, stack
from local.clamd import DEFAULT_PORT as CLAMD_PORT
from local.clamd import Address
from local.lifecycle import DEFAULT_PORT, Cloud, InUseError
from local.logs import follow
from local.paths import DEFAULT_DIRECTORY, Places
from local.progress import TroubleError, UsageError, complain, say, tail

USAGE = 2
INTERRUPTED = 130
_CONSEQUENCES = {
    "clamd": "uploads will be held until you stop and run again; then `phenom redrive local`.",
    "page": "the upload page is not served until you stop and run again.",
    "postgres": "users are not written until you stop and run again; then they are.",
    "hasura": "users are not written until you stop and run again; then they are.",
}
_ENVIRONMENT = (
    "Environment: LOCAL_PORT is the port where --port is not given; CLAMAV_HOST and CLAMAV_PORT name a clamd to scan "
    "with where --clamav-host is not given. The state is of one port: on another one the local cloud starts from "
    "nothing, and what it kept is thrown away."
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    cloud = Cloud(Places(options.dir.resolve()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `make stop` ends a run as Ctrl-C does
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, _hang_up)
    try:
        if options.serve in {run, up}:
            _read_environment(options)
        return int(options.serve(cloud, options))
    except UsageError as trouble:
        complain(trouble)
        return USAGE
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
        say(banner.render_banner(cloud, stack.read(cloud.places.stack)))
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
        say(banner.render_banner(cloud, offered))
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
    say(banner.render_banner(cloud, stack.read(cloud.places.stack)))
    return 0


def _run(cloud: Cloud, options: argparse.Namespace) -> int:
    try:
        offered = _up(cloud, options)
        say(banner.render_banner(cloud, offered))
        say("Following the functions' logs; Ctrl-C stops everything.\n")
        _follow(cloud, offered)
    except KeyboardInterrupt:
        say("\nStopping; Ctrl-C again kills at once.")
        return 0
    else:
        complain(TroubleError(f"The emulator is gone:\n{tail(cloud.emulator.daemon.log)}"))
        return 1
    finally:
        _stop(cloud)


def _up(cloud: Cloud, options: argparse.Namespace) -> stack.Stack:
    say("Bringing up the local cloud")
    return cloud.up(options.port, options.clamav, scanning=options.scanning)


def _follow(cloud: Cloud, offered: stack.Stack) -> None:
    """Until the emulator is gone."""
    lines = follow(cloud.aws(), offered.functions)
    try:
        told: set[str] = set()
        while cloud.runs():
            for name in cloud.crashed_programs() - told:
                told.add(name)
                say(f"{name} is gone: {_CONSEQUENCES[name]}")
            next(lines)
    except (BotoCoreError, ClientError):
        if cloud.runs():
            raise


def _stop(cloud: Cloud) -> None:
    try:
        cloud.down()
    except KeyboardInterrupt:
        cloud.kill()
        raise


def _hang_up(number: int, frame: FrameType | None) -> NoReturn:
    """A closed terminal, which shells and the kernel may both tell of: the second time must not cut the first short."""
    signal.signal(number, signal.SIG_IGN)
    signal.default_int_handler(number, frame)


def _read_environment(options: argparse.Namespace) -> None:
    """What the command line leaves open."""
    if options.port is None:
        options.port = ports.from_environment("LOCAL_PORT", lowest=0)
    named = Address(options.clamav_host, options.clamav_port) if options.clamav_host else None
    options.clamav = named or (clamd.configured() if options.scanning else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for serve, text in (
        (run, "bring it up, follow the logs, stop it at Ctrl-C"),
        (up, "bring it up and leave it running"),
        (down, "stop it; its state is kept"),
        (status, "say what it offers"),
    ):
        command = commands.add_parser(serve.__name__, help=text, epilog=_ENVIRONMENT if serve in {run, up} else None)
        command.set_defaults(serve=serve)
        command.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY, help="where it keeps everything (.local)")
        if serve in {run, up}:
            _add_settings(command)
    return parser


def _add_settings(command: argparse.ArgumentParser) -> None:
    text = f"LOCAL_PORT, or {DEFAULT_PORT}; 0 for any free one; another one than before starts from nothing"
    command.add_argument("--port", type=_port_or_any, help=text)
    command.add_argument("--clamav-host", help="clamd to scan with, instead of one of our own")
    command.add_argument("--clamav-port", type=_port, default=CLAMD_PORT, help=f"its port ({CLAMD_PORT})")
    command.add_argument("--no-scanning", dest="scanning", action="store_false", help="no clamd at all")


def _port(text: str) -> int:
    try:
        return ports.number(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be {ports.RANGE}") from None


def _port_or_any(text: str) -> int:
    try:
        return ports.number(text, lowest=0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be {ports.RANGE_OR_ANY}") from None


if __name__ == "__main__":
    sys.exit(main())
