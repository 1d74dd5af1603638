"""Docker's command line. Its output goes to stderr, so that stdout carries only the report."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from phenom.errors import CommandRefusedError, IncompleteError

_NEEDED = (
    "Docker 24 or later with buildx 0.14 or later is needed to copy and build images (docs.docker.com/engine/install)"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password for `registry` (a host name), valid for 12 hours."""

    registry: str
    user: str
    password: str


class Docker:
    """Copies images between registries and builds them. Every method raises IncompleteError when Docker fails."""

    def __init__(self, program: str = "docker") -> None:
        """Raises CommandRefusedError when Docker or buildx is missing."""
        if shutil.which(program) is None:
            raise CommandRefusedError(f"{_NEEDED}: `{program}` was not found.")
        self._program = program
        command = [program, "buildx", "imagetools", "create", "--help"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        if shown.returncode or "--prefer-index" not in shown.stdout:
            raise CommandRefusedError(f"{_NEEDED}: `docker buildx` is missing or too old.")

    def sign_in(self, registry: str, user: str, password: str) -> None:
        """The password goes through stdin: arguments are visible to all users of the machine."""
        self._run("login", "--username", user, "--password-stdin", registry, stdin=password)

    def sign_out(self, registry: str) -> None:
        self._run("logout", registry)

    def find_digest(self, reference: str) -> str:
        """Returns the digest that a tag has in its registry."""
        command = ("buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", reference)
        return str(json.loads(self._run(*command, capture=True))["digest"])

    def copy(self, source: str, destination: str) -> None:
        """Copies all platforms and keeps the digest: without --prefer-index=false, a single platform gets an index."""
        self._run("buildx", "imagetools", "create", "--prefer-index=false", "--tag", destination, source)

    def build(self, folder: Path, base: str, destination: str) -> None:
        """Builds for Fargate's platform and pushes. No attestation, and no time of the build in the image."""
        self._run(
            *("buildx", "build", "--platform", "linux/amd64", "--provenance", "false", "--push", "--tag", destination),
            *("--build-arg", f"BASE={base}", "--build-arg", "SOURCE_DATE_EPOCH=0", str(folder)),
        )

    def save(self, folder: Path, base: str, name: str, file: Path) -> None:
        """Builds as `build` does, into a file instead of a registry."""
        self._run(
            *("buildx", "build", "--platform", "linux/amd64", "--provenance", "false", "--load", "--tag", name),
            *("--build-arg", f"BASE={base}", "--build-arg", "SOURCE_DATE_EPOCH=0", str(folder)),
        )
        self._run("save", "--output", str(file), name)

    def load(self, file: Path, name: str) -> None:
        """Takes the image `name` from a file. Runs nothing of it."""
        self._run("load", "--input", str(file))
        self._run("image", "inspect", "--format", "{{.Id}}", name)

    def push(self, name: str, destination: str) -> None:
        self._run("tag", name, destination)
        self._run("push", destination)

    def _run(self, *arguments: str, stdin: str | None = None, capture: bool = False) -> str:
        command = [self._program, *arguments]
        output = subprocess.PIPE if capture else sys.stderr.fileno()
        done = subprocess.run(command, input=stdin, stdout=output, text=True, check=False)
        if done.returncode:
            raise IncompleteError(
                f"`{' '.join(command)}` failed; Docker's reason is above. Run phenom push-images again: it continues."
            )
        return done.stdout or ""
