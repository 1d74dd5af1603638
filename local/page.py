"""The upload page of the local cloud: built, put into its bucket, and served by the emulated CloudFront."""

import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from local import ports
from local.aws import Aws
from local.daemon import Daemon
from local.deployment import STACK_NAME
from local.places import ROOT, Places
from local.progress import TroubleError, say, step, tail

sys.path.append(str(ROOT / "src"))  # for operations, which know what the functions know
from operations import client_build, client_site

READY_SECONDS = 20
_PUBLISHED = "/local/page"  # lives and dies with the emulator's state, as the bucket does


def daemon(places: Places) -> Daemon:
    return Daemon(places.record("page"), places.log("page"))


def bring_up(places: Places, aws: Aws, api_url: str, preferred_port: int) -> str | None:
    """The page's address; None where this machine cannot build it."""
    if not client_build.is_current() and (lacks := client_build.missing()):
        say(f"  No upload page: to build it, this machine needs {lacks}.")
        return None
    stack = aws.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    site = client_site.of_stack(stack, aws.client, api_url)
    _publish(aws, site)
    return _serve(places, aws, urlsplit(site.url).netloc, preferred_port)


def _publish(aws: Aws, site: client_site.Site) -> None:
    """Only what has changed since the last time, if anything."""
    ssm = aws.client("ssm")
    built = _build()
    wanted = client_site.fingerprint(site, built)
    try:
        published = ssm.get_parameter(Name=_PUBLISHED)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        published = None
    if published != wanted:
        client_site.publish(site, built, aws.client)
        ssm.put_parameter(Name=_PUBLISHED, Value=wanted, Type="String", Overwrite=True)


def _build() -> Path:
    try:
        if client_build.is_current():
            return client_build.build()
        with step("Building the upload page (npm run build)"):
            return client_build.build()
    except client_build.BuildError as error:
        raise TroubleError(str(error)) from error


def _serve(places: Places, aws: Aws, host: str, preferred_port: int) -> str:
    own = daemon(places)
    wanted = {"host": host, "endpoint": aws.endpoint}
    if not own.alive() or not wanted.items() <= own.facts().items():
        own.stop()
        port = preferred_port if ports.is_free(preferred_port) else ports.any_free()
        command: list[str | Path] = [
            sys.executable, "-I", ROOT / "local/serve_page.py", aws.endpoint, host, str(port),
        ]  # fmt: skip
        own.start(command, {"PATH": "/usr/bin:/bin"}, port=port, **wanted)
        _wait(own, port)
    return f"http://{ports.LOOPBACK}:{own.facts()['port']}/"


def _wait(own: Daemon, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ports.answers(port):
        if not own.alive() or time.monotonic() > deadline:
            own.stop()
            raise TroubleError(f"The server of the upload page did not start:\n{tail(own.log)}")
        time.sleep(0.05)
