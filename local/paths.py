"""Paths in the repository and in the directory of one local cloud."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".venvs/sam/bin/sam"
EMULATOR_PYTHON = ROOT / ".venvs/emulator/bin/python"
TEMPLATE = ROOT / "template.yaml"
SAMCONFIG = ROOT / "samconfig.toml"
DEFAULT_DIRECTORY = ROOT / ".local"


@dataclass(frozen=True, slots=True)
class CloudPaths:
    """Paths in the directory of one local cloud. Clouds in different directories are independent."""

    directory: Path

    @property
    def stack(self) -> Path:
        return self.directory / "stack.json"

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    @property
    def emulator(self) -> Path:
        """The emulator's state; without it, the emulator starts empty."""
        return self.directory / "emulator"

    @property
    def clamd(self) -> Path:
        return self.directory / "clamd"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data and its password."""
        return self.directory / "postgres"

    @property
    def sam(self) -> Path:
        return self.directory / "sam"

    @property
    def home(self) -> Path:
        """HOME for programs that would otherwise read the developer's AWS settings."""
        return self.directory / "home"

    def log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"

    def record(self, name: str) -> Path:
        """The record of a background program; exists only while the program should be running."""
        return self.directory / "run" / f"{name}.json"

    def create(self) -> None:
        for folder in (self.directory, self.directory / "logs", self.directory / "run", self.home):
            folder.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
