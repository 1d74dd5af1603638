"""The environments that a command can be run against. Standard library only, so that `phenom --help` is quick."""

from typing import Literal

from phenom.functions import ROOT

Environment = Literal["local", "development", "production"]
DeployedEnvironment = Literal["development", "production"]
"""Those on AWS."""

SAMCONFIG = ROOT / "samconfig.toml"
LOCAL_STACK = ROOT / ".local" / "stack.json"
