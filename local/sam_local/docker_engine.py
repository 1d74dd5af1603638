"""Docker, as far as `sam local` needs it here: a network that is ours alone, and what is left in it."""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from local import ports
from local.progress import TroubleError

_MISSING = (
    "Docker is missing: SAM runs the functions in containers. Install Docker Engine (Debian: `apt-get install "
    "docker.io`; elsewhere: docs.docker.com/engine/install), see that `docker version` answers, and repeat."
)
_SILENT = (
    "Docker does not answer:\n    {told}\n"
    "Start it (`systemctl start docker`), let your user use it (`usermod -aG docker $USER`, then sign in again), or "
    "name another one with DOCKER_HOST."
)
_ELSEWHERE = (
    "Docker's network has the address {gateway}, which this machine does not: Docker runs in a virtual machine or "
    "without root here, and its containers cannot reach the local cloud. Use a Docker Engine on this machine itself."
)


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge. At `gateway` its containers, and nobody else, find this machine."""

    name: str
    gateway: str
    subnet: IPv4Network


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker Engine on this machine, by the address that DOCKER_HOST takes."""

    address: str

    @contextmanager
    def network(self, owner: Path) -> Iterator[Network]:
        """A network of its own for the command at work in this directory; what is in it goes with it.

        What a killed command left there is removed first: `owner` is locked, so it is nobody's. Raises TroubleError.
        """
        name = name_of(owner)
        self.remove(name)
        self.run("network", "create", "--driver", "bridge", name)
        try:
            gateway, subnet = self.run(
                "network", "inspect", "--format", "{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}}{{end}}", name
            ).split()
            if not ports.is_here(gateway):
                raise TroubleError(_ELSEWHERE.format(gateway=gateway))
            yield Network(name, gateway, IPv4Network(subnet))
        finally:
            self.remove(name)

    def remove(self, network: str) -> None:
        """The network and its containers, which are ours: nobody else is put into it."""
        if network not in self.run("network", "ls", "--format", "{{.Name}}").split():
            return
        containers = self.run("ps", "--all", "--quiet", "--filter", f"network={network}").split()
        if containers:
            self.run("rm", "--force", "--volumes", *containers)
        self.run("network", "rm", network)

    def has_image(self, image: str) -> bool:
        return self._run("image", "inspect", image).returncode == 0

    def run(self, *words: str) -> str:
        """What docker prints. Raises TroubleError."""
        done = self._run(*words)
        if done.returncode:
            raise TroubleError(f"`docker {' '.join(words[:2])}` failed:\n    {done.stderr.strip()}")
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return _docker(*words, environment={**os.environ, "DOCKER_HOST": self.address})


def find() -> Engine:
    """The one that the `docker` command uses, by DOCKER_HOST or its current context. Raises TroubleError."""
    if not shutil.which("docker"):
        raise TroubleError(_MISSING)
    context = _docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}", environment=dict(os.environ))
    address = os.environ.get("DOCKER_HOST") or context.stdout.strip()
    answer = _docker("version", "--format", "{{.Server.Version}}", environment=dict(os.environ))
    if answer.returncode or not address:
        raise TroubleError(_SILENT.format(told=answer.stderr.strip().replace("\n", "\n    ")))
    return Engine(address)


def name_of(owner: Path) -> str:
    """One for each directory of each machine, for several may share an engine."""
    return f"phenom-{hashlib.sha256(f'{platform.node()} {owner}'.encode()).hexdigest()[:12]}"


def _docker(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """In a session of its own: Ctrl-C must not cut the cleaning up short."""
    return subprocess.run(
        ["docker", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
