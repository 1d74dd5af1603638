"""Docker Engine for `sam local`: finds it and gives each command its own network."""

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
    """A bridge network. Only its containers reach this machine at `gateway`."""

    name: str
    gateway: str
    subnet: IPv4Network


@dataclass(frozen=True, slots=True)
class DockerEngine:
    """A Docker Engine on this machine, by its DOCKER_HOST address."""

    address: str

    @contextmanager
    def network(self, owner: Path) -> Iterator[Network]:
        """Yields a network for the command in this directory; removes it and its containers at the end.

        Leftovers of a killed command are removed first: `owner` is locked, so no other command uses them. Raises
        TroubleError.
        """
        name = network_name(owner)
        self.remove(name)
        self.run("network", "create", "--driver", "bridge", name)
        try:
            gateway, subnet = self.run(
                "network", "inspect", "--format", "{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}}{{end}}", name
            ).split()
            if not ports.is_own_address(gateway):
                raise TroubleError(_ELSEWHERE.format(gateway=gateway))
            yield Network(name, gateway, IPv4Network(subnet))
        finally:
            self.remove(name)

    def remove(self, network: str) -> None:
        """Removes the network and its containers, which only we create."""
        if network not in self.run("network", "ls", "--format", "{{.Name}}").split():
            return
        containers = self.run("ps", "--all", "--quiet", "--filter", f"network={network}").split()
        if containers:
            self.run("rm", "--force", "--volumes", *containers)
        self.run("network", "rm", network)

    def has_image(self, image: str) -> bool:
        return self._run("image", "inspect", image).returncode == 0

    def run(self, *words: str) -> str:
        """Runs docker and returns its output. Raises TroubleError."""
        done = self._run(*words)
        if done.returncode:
            raise TroubleError(f"`docker {' '.join(words[:2])}` failed:\n    {done.stderr.strip()}")
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return _docker(*words, environment={**os.environ, "DOCKER_HOST": self.address})


def find() -> DockerEngine:
    """Returns the engine that the `docker` command uses (DOCKER_HOST or context). Raises TroubleError."""
    if not shutil.which("docker"):
        raise TroubleError(_MISSING)
    context = _docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}", environment=dict(os.environ))
    address = os.environ.get("DOCKER_HOST") or context.stdout.strip()
    answer = _docker("version", "--format", "{{.Server.Version}}", environment=dict(os.environ))
    if answer.returncode or not address:
        raise TroubleError(_SILENT.format(told=answer.stderr.strip().replace("\n", "\n    ")))
    return DockerEngine(address)


def network_name(owner: Path) -> str:
    """Returns the network's name, unique per directory and machine, since several may share an engine."""
    return f"phenom-{hashlib.sha256(f'{platform.node()} {owner}'.encode()).hexdigest()[:12]}"


def _docker(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs docker in a new session, so that Ctrl-C does not interrupt the clean-up."""
    return subprocess.run(
        ["docker", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
