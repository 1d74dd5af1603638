"""Commands on the local cloud: `python -m local.cloud run | up | down | status`."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local import banner, clamd, ports, stack
from local.clamd import DEFAULT_PORT as CLAMD_PORT
from local.clamd import Address
from local.lifecycle import DEFAULT_PORT, Cloud, InUseError
from local.logs import follow
from local.paths import DEFAULT_DIRECTORY, CloudPaths
from local.progress import TroubleError, UsageError, complain, say, tail

USAGE = 2
INTERRUPTED = 130
_CONSEQUENCES = {
    "clamd": "uploads are held until `make stop` and `make run`; then run `phenom redrive local`.",
    "page": "the upload page is not served until `make stop` and `make run`.",
    "postgres": "users are not written until `make stop` and `make run`; then they are.",
    "hasura": "users are not written until `make stop` and `make run`; then they are.",
}
_ENVIRONMENT = (
    "Environment: LOCAL_PORT is the default of --port; CLAMAV_HOST and CLAMAV_PORT are those of --clamav-host and "
    "--clamav-port. The state belongs to one port: on another port the local cloud deletes it and starts empty."
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    cloud = Cloud(CloudPaths(options.dir.resolve()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `make stop` acts like Ctrl-C
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # ignored under nohup
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
    """Starts the cloud, follows its logs until Ctrl-C, and stops it."""
    try:
        with cloud.owned():
            return _run(cloud, options)
    except InUseError as trouble:
        if not cloud.paths.stack.exists():
            raise
        say(banner.render_banner(cloud, stack.read(cloud.paths.stack)))
        complain(TroubleError(f"The local cloud is already running. {trouble} `make stop` stops it."))
        return 1


def up(cloud: Cloud, options: argparse.Namespace) -> int:
    """Starts the cloud and leaves it running in the background."""
    with cloud.owned():
        ran = cloud.runs()
        try:
            running = _up(cloud, options)
        except BaseException:
            if not ran:
                cloud.down()
            raise
        say(banner.render_banner(cloud, running))
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
    if not (cloud.runs() and cloud.paths.stack.exists()):
        say("The local cloud is not running.")
        return 1
    with _explained_errors(cloud):
        say(banner.render_banner(cloud, stack.read(cloud.paths.stack)))
    return 0


def _run(cloud: Cloud, options: argparse.Namespace) -> int:
    try:
        running = _up(cloud, options)
        with _explained_errors(cloud):
            say(banner.render_banner(cloud, running))
            say("Following the functions' logs; Ctrl-C stops everything.\n")
            _follow(cloud, running)
        raise _ended(cloud)
    except KeyboardInterrupt:
        say("\nStopping; Ctrl-C again kills at once.")
        return 0
    finally:
        _stop(cloud)


@contextmanager
def _explained_errors(cloud: Cloud) -> Iterator[None]:
    """Turns errors of calls of the emulator into TroubleErrors: it was killed or changed from outside."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if cloud.emulator.ends_soon():
            raise _ended(cloud) from error
        raise TroubleError(
            f"The emulator refuses a call of the local cloud: {error}\n"
            "Was something deleted or changed in it? `make clean && make run` starts with an empty one.\n"
            f"{tail(cloud.emulator.daemon.log)}"
        ) from error


def _ended(cloud: Cloud) -> TroubleError:
    return TroubleError(
        "The emulator has ended. `make run` starts it again; if it was killed, with an empty state.\n"
        f"{tail(cloud.emulator.daemon.log)}"
    )


def _up(cloud: Cloud, options: argparse.Namespace) -> stack.Stack:
    say("Starting the local cloud")
    with _explained_errors(cloud):
        return cloud.up(options.port, options.clamav, scanning=options.scanning)


def _follow(cloud: Cloud, running: stack.Stack) -> None:
    """Prints log lines until the emulator ends. Raises TroubleError or an error of botocore."""
    lines = follow(cloud.aws(), running.functions)
    reported: set[str] = set()
    while cloud.runs():
        for name in cloud.crashed_programs() - reported:
            reported.add(name)
            say(f"{name} has ended: {_CONSEQUENCES[name]}")
        next(lines)


def _stop(cloud: Cloud) -> None:
    try:
        cloud.down()
    except KeyboardInterrupt:
        cloud.kill()
        raise


def _hang_up(number: int, frame: FrameType | None) -> NoReturn:
    """Ignores further SIGHUPs: a closed terminal may send two, and the second must not interrupt the clean stop."""
    signal.signal(number, signal.SIG_IGN)
    signal.default_int_handler(number, frame)


def _read_environment(options: argparse.Namespace) -> None:
    """Reads the settings that the command line leaves open from the environment."""
    if options.port is None:
        options.port = ports.from_environment("LOCAL_PORT", lowest=0)
    named = Address(options.clamav_host, options.clamav_port) if options.clamav_host else None
    options.clamav = named or (clamd.configured() if options.scanning else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for serve, text in (
        (run, "start it, follow the logs, stop it at Ctrl-C"),
        (up, "start it and leave it running"),
        (down, "stop it; its state is kept"),
        (status, "print its addresses"),
    ):
        command = commands.add_parser(serve.__name__, help=text, epilog=_ENVIRONMENT if serve in {run, up} else None)
        command.set_defaults(serve=serve)
        command.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY, help="where it keeps everything (.local)")
        if serve in {run, up}:
            _add_settings(command)
    return parser


def _add_settings(command: argparse.ArgumentParser) -> None:
    text = f"LOCAL_PORT, or {DEFAULT_PORT}; 0 for any free one; a new port starts empty"
    command.add_argument("--port", type=_port_or_any, help=text)
    command.add_argument("--clamav-host", help="clamd to use instead of starting one")
    command.add_argument("--clamav-port", type=_port, default=CLAMD_PORT, help=f"its port ({CLAMD_PORT})")
    command.add_argument("--no-scanning", dest="scanning", action="store_false", help="do not scan")


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
