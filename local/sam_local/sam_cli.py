"""Calls SAM CLI on the built template, with settings that reach the local cloud."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.paths import SAM
from local.progress import TroubleError
from local.sam_local.docker_engine import DockerEngine, Network

# Lambda allows 10 s for the start before the function's timeout begins; in a container the timeout includes it.
START_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Image:
    """The container image. `uri` None is AWS's own; without `pull` it must exist locally."""

    uri: str | None = None
    pull: bool = True

    def check(self, engine: DockerEngine) -> None:
        """Raises TroubleError."""
        if self.uri and not self.pull and not engine.has_image(self.uri):
            raise TroubleError(f"Docker has no image {self.uri} and may not pull it.")


@dataclass(frozen=True, slots=True)
class Files:
    """The files that SAM reads: the built template and each function's variables."""

    template: Path
    variables: Path

    @classmethod
    def write(cls, folder: Path, built: Path, packages: Mapping[str, Path], variables: Mapping[str, Any]) -> "Files":
        """Writes both. `packages` and `variables` are by the functions' logical ids.

        SAM passes on only variables that the template declares, so all are declared here.
        """
        content = yaml.safe_load(built.read_text(encoding="utf-8"))
        for name, package in packages.items():
            properties = content["Resources"][name]["Properties"]
            properties["CodeUri"] = str(package)
            properties["Environment"] = {"Variables": dict.fromkeys(variables[name], "")}
            properties["Timeout"] += START_SECONDS
        files = cls(folder / "template.json", folder / "variables.json")
        for path, text in ((files.template, content), (files.variables, variables)):
            path.touch(mode=0o600)
            path.write_text(json.dumps(text, indent=2), encoding="utf-8")
        return files


@dataclass(frozen=True, slots=True)
class Sam:
    """`credentials` are by logical id: SAM passes its own credentials on to the function."""

    files: Files
    network: Network
    image: Image
    _environment: Mapping[str, str] = field(repr=False)
    _credentials: Mapping[str, Mapping[str, str]] = field(repr=False)

    def command(self, what: str, *options: str, pull: bool) -> list[str]:
        """Returns `sam local <what> …`. SAM asks a registry for a newer image only with `pull`."""
        image = ["--invoke-image", self.image.uri] if self.image.uri else []
        skip = [] if pull and self.image.pull else ["--skip-pull-image"]
        files = ["--template", str(self.files.template), "--env-vars", str(self.files.variables)]
        network = ["--docker-network", self.network.name]
        return [str(SAM), "local", what, *options, "--language-extensions", *files, *network, *image, *skip]

    def environment(self, function: str) -> dict[str, str]:
        return {**self._environment, **self._credentials[function]}
