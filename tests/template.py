"""template.yaml, as far as it says something by itself."""

from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags as None: what a deployment decides is of no interest here."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def read() -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)
    return template


def properties(resource: str) -> dict[str, Any]:
    """The properties of one resource."""
    described: dict[str, Any] = read()["Resources"][resource]["Properties"]
    return described
