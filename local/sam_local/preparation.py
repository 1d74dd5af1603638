"""Prepares the deployed functions for `sam local` while a command runs."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.aws import Aws
from local.sam_local import app_secret, docker_engine, roles, settings
from local.sam_local.docker_engine import DockerEngine, Network
from local.sam_local.forwarder import Route, forwarding
from local.sam_local.sam_cli import Files, Image, Sam
from local.stack import Stack
from phenom.aws.stacks import LIVE
from phenom.functions import FUNCTIONS

_TASK = "/var/task"  # where SAM mounts a package
_AUTHORITY = "local-cloud-authority.pem"


@dataclass(slots=True)
class _Prepared:
    """Packages, variables and credentials by the functions' logical ids."""

    packages: dict[str, Path] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    routes: dict[int, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preparation:
    """`build` is the output of `sam build`; `folder` is the command's locked working directory."""

    offered: Stack
    build: Path
    folder: Path

    @property
    def aws(self) -> Aws:
        return Aws(self.offered.endpoint_url, self.offered.access_key_id, self.offered.secret_access_key)

    @contextmanager
    def of(self, functions: Iterable[str], image: Image) -> Iterator[Sam]:
        """Yields SAM CLI prepared for these functions, named as in events/. Raises TroubleError."""
        docker = docker_engine.find()
        image.check(docker)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        with ExitStack() as stack:
            network = stack.enter_context(docker.network(self.folder))
            prepared = _Prepared()
            for function in functions:
                self._prepare(function, network, prepared, stack)
            stack.enter_context(forwarding(network, prepared.routes.values()))
            files = Files.write(self.folder, self.build / "template.yaml", prepared.packages, prepared.variables)
            yield Sam(files, network, image, self._environment(docker), prepared.credentials)

    def _prepare(self, function: str, network: Network, prepared: _Prepared, stack: ExitStack) -> None:
        deployed = self._deployed(function)
        reached = settings.reached_from(
            network.gateway, deployed["Environment"]["Variables"], self.offered.endpoint_url
        )  # fmt: skip
        variables, package, replaced = reached.variables, self.build / FUNCTIONS[function].resource, {}
        own_name = f"{deployed['FunctionName']}-in-{self.folder.parent.name}"
        if original := variables.get("APP_SECRET_ID"):
            secret = stack.enter_context(app_secret.copied(self.aws, original, own_name, network.gateway))
            package = self._package_with_authority(package, secret.authority)
            replaced = {original: secret.arn}
            variables |= {"APP_SECRET_ID": secret.arn, "SSL_CERT_FILE": f"{_TASK}/{_AUTHORITY}"}
            prepared.routes[secret.route.port] = secret.route
        prepared.routes |= {port: Route(port, port) for port in reached.ports}
        credentials = roles.copied(self.aws, deployed["Role"], own_name, replaced)
        prepared.credentials[FUNCTIONS[function].resource] = stack.enter_context(credentials)
        prepared.packages[FUNCTIONS[function].resource] = package
        prepared.variables[FUNCTIONS[function].resource] = variables

    def _deployed(self, function: str) -> Any:
        name = self.offered.functions[function]
        return self.aws.client("lambda").get_function_configuration(FunctionName=name, Qualifier=LIVE)

    def _package_with_authority(self, package: Path, authority: bytes) -> Path:
        """Copies the package and adds the authority's certificate; the build itself stays unchanged."""
        copy = self.folder / "packages" / package.name
        shutil.copytree(package, copy)
        (copy / _AUTHORITY).write_bytes(authority)
        return copy

    def _environment(self, docker: DockerEngine) -> dict[str, str]:
        """Returns SAM's environment. The endpoint makes it ask the emulator, not AWS, for the account id."""
        home = self.folder / "home"
        home.mkdir()
        return self.aws.environment(home) | {"DOCKER_HOST": docker.address}
