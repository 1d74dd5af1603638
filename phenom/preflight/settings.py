"""The settings of an environment that decide what it needs: Terraform's locals and the parameters of the SAM stack."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phenom.aws import sam_template
from phenom.environments import SAMCONFIG
from phenom.errors import CommandError
from phenom.functions import ROOT
from phenom.preflight.literals import parse_locals

ENVIRONMENTS = ROOT / "infra" / "terraform" / "environments"


class SettingError(CommandError):
    """A setting cannot be read. The message names setting, file and remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`environment` is the long name. `file` is locals.tf as the operator knows it."""

    environment: str
    region: str
    stack_name: str
    terraform: Mapping[str, Any]
    parameters: Mapping[str, str]
    file: str

    @property
    def short_name(self) -> str:
        """The environment as it appears in resource names: dev."""
        return self.stack_name.removeprefix("phenom-")

    def local(self, name: str) -> Any:
        """Returns the value of a local. Raises SettingError."""
        try:
            return self.terraform[name]
        except KeyError:
            raise SettingError(
                f"{self.file} has no plain value for {name}. Write it without functions and references."
            ) from None

    def parameter(self, name: str) -> str:
        """Returns the value of a parameter of template.yaml that needs none from Terraform. Raises SettingError."""
        try:
            return self.parameters[name]
        except KeyError:
            raise SettingError(f"template.yaml has no parameter {name} with a default value.") from None

    def number(self, name: str) -> int:
        """Returns the value of a numeric parameter. Raises SettingError."""
        value = self.parameter(name)
        if not value.isdecimal():
            raise SettingError(f"{name}={value} in samconfig.toml must be a number.")
        return int(value)


def read_settings(environment: str, directory: Path = ENVIRONMENTS, samconfig: Path = SAMCONFIG) -> Settings:
    """Returns the settings of development or production. Raises SettingError."""
    path = directory / environment / "locals.tf"
    file = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    try:
        terraform = parse_locals(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{file} cannot be read: {error}") from error
    config = tomllib.loads(samconfig.read_text(encoding="utf-8"))[environment]
    overrides = dict(each.split("=", 1) for each in config["deploy"]["parameters"]["parameter_overrides"])
    declared = sam_template.read()["Parameters"]
    defaults = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    common = config["global"]["parameters"]
    return Settings(environment, common["region"], common["stack_name"], terraform, defaults | overrides, file)
