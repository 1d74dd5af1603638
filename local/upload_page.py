"""Builds the upload page, puts it into its bucket and serves it through the emulated CloudFront."""

import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from local import ports
from local.aws import Aws
from local.daemon import Daemon
from local.deployment import STACK_NAME
from local.paths import ROOT, CloudPaths
from local.progress import TroubleError, say, step, tail
from phenom.upload_page import build, publish

READY_SECONDS = 20
_PUBLISHED = "/local/page"  # kept in the emulator, so that it disappears with the bucket


def daemon(paths: CloudPaths) -> Daemon:
    return Daemon(paths.record("page"), paths.log("page"))


def bring_up(paths: CloudPaths, aws: Aws, api_url: str, preferred_port: int) -> str | None:
    """Returns the page's address; None, with a message, when the stack has no page or it cannot be built here."""
    stack = aws.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    if {"ParameterKey": "UploadPage", "ParameterValue": "off"} in stack["Parameters"]:
        say("  The local cloud has no upload page: UploadPage=off in samconfig.toml.")
        return None
    try:
        built = _build()
    except build.BuildError as error:
        say(f"  {error}\n  The local cloud has no upload page.")
        return None
    site = publish.site_of_stack(stack, aws.client, api_url)
    _publish(aws, site, built)
    return _serve(paths, aws, urlsplit(site.url).netloc, preferred_port)


def _publish(aws: Aws, site: publish.Site, built: Path) -> None:
    """Publishes the page if it changed since the last time."""
    ssm = aws.client("ssm")
    wanted = publish.fingerprint(site, built)
    try:
        published = ssm.get_parameter(Name=_PUBLISHED)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        published = None
    if published != wanted:
        publish.publish(site, built, aws.client)
        ssm.put_parameter(Name=_PUBLISHED, Value=wanted, Type="String", Overwrite=True)


def _build() -> Path:
    """Raises BuildError."""
    if build.is_current() or build.missing():
        return build.build()
    with step("Building the upload page (npm run build)"):
        return build.build()


def _serve(paths: CloudPaths, aws: Aws, host: str, preferred_port: int) -> str:
    own = daemon(paths)
    wanted = {"host": host, "endpoint": aws.endpoint}
    if not own.alive() or not wanted.items() <= own.facts().items():
        own.stop()
        port = preferred_port if ports.is_free(preferred_port) else ports.any_free()
        command: list[str | Path] = [
            sys.executable, "-I", ROOT / "local/page_server.py", aws.endpoint, host, str(port),
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
