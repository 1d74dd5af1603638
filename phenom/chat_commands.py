"""The commands of `phenom` for the edge of chat: Cloudflare and the load balancer behind it."""

import os
from typing import Annotated

import typer

from phenom.options import DeployedEnvironmentArgument, DryRunOption, JsonOption

commands = typer.Typer()


@commands.command("origin-certificate")
def origin_certificate(
    environment: DeployedEnvironmentArgument,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one even if the present one is valid.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="End a rotation: remove the former authority and certificate.")
    ] = False,
    days: Annotated[int, typer.Option(min=31, max=1095, metavar="N", help="days of validity")] = 365,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait until it is active")] = 600,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> int:
    """Make the certificate that Cloudflare shows to chat.

    Makes a new authority, whose key is not kept, and a client certificate; uploads it to Cloudflare, writes
    the authority next to locals.tf, and prints the certificate's id. Does nothing while a valid one is there.
    The private key is never printed or stored. Needs CLOUDFLARE_API_TOKEN (SSL and Certificates, edit).

    Exit code 1: Cloudflare has not activated it yet.
    """
    from phenom.commands.origin_certificate import OriginCertificate, connect, run
    from phenom.origin_pulls.settings import read_chat_settings

    if rotate and finish:
        raise typer.BadParameter("cannot be combined with --rotate", param_hint="--finish")
    settings = read_chat_settings(environment)
    certificate = OriginCertificate(settings, connect(settings, os.environ), wait_seconds=wait)
    result = certificate.finish(dry_run=dry_run) if finish else certificate.ensure(days, rotate=rotate, dry_run=dry_run)
    return run(result, dry_run=dry_run, as_json=as_json)


@commands.command("probe-origin")
def probe_origin(
    environment: DeployedEnvironmentArgument,
    address: Annotated[
        str | None, typer.Option(metavar="HOST", help="DNS name of the load balancer [Terraform's output]")
    ] = None,
    directly_only: Annotated[
        bool,
        typer.Option("--directly-only", help="Do not ask through Cloudflare, such as before its DNS record exists."),
    ] = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait for each answer")] = 10,
    as_json: JsonOption = False,
) -> int:
    """Try to reach chat around Cloudflare.

    Connects to the load balancer without a certificate and with a foreign one, over TLS 1.2 and 1.3, and
    reads a byte: each must be refused. Then asks through Cloudflare. Changes nothing.

    Exit code 1: something is open, broken or unknown.
    """
    from phenom.commands.probe_origin import find_address, probe, run
    from phenom.origin_pulls.settings import read_chat_settings

    settings = read_chat_settings(environment)
    findings = probe(settings, find_address(environment, address), seconds=wait, directly_only=directly_only)
    return run(findings, as_json=as_json)
