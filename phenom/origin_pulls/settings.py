"""Settings of chat's edge, read from the environment's locals.tf."""

from dataclasses import dataclass
from pathlib import Path

from phenom.errors import CommandRefusedError
from phenom.preflight.settings import ENVIRONMENTS, read_settings

_CLIENT_CA_FILE = "chat-client-ca.pem"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """`client_ca` is the bundle's path, `certificate_id` the certificate that Terraform tells Cloudflare to send.

    `file` is locals.tf as the operator knows it.
    """

    host_name: str
    elsewhere_host: str
    zone_id: str
    certificate_id: str | None
    client_ca: Path
    file: str


def read_chat_settings(environment: str, directory: Path = ENVIRONMENTS) -> ChatSettings:
    """Returns the settings. Raises CommandRefusedError when the environment has no chat edge, or only examples."""
    settings = read_settings(environment, directory)
    chat = settings.local("chat")
    if chat is None:
        raise CommandRefusedError(f"{environment} has no chat edge: chat is null in {settings.file}.")
    try:
        cloudflare = chat["cloudflare"]
        found = ChatSettings(
            host_name=chat["host_name"],
            elsewhere_host=chat["elsewhere_host"],
            zone_id=cloudflare["zone_id"],
            certificate_id=cloudflare.get("certificate_id"),
            client_ca=directory / environment / chat.get("client_ca_file", _CLIENT_CA_FILE),
            file=settings.file,
        )
    except KeyError as error:
        raise CommandRefusedError(f"chat in {settings.file} has no {error.args[0]}.") from None
    if found.host_name.endswith(".example") or found.zone_id == "example":
        raise CommandRefusedError(f"chat in {settings.file} contains examples: set host_name and cloudflare.zone_id.")
    return found
