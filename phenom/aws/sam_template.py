"""Reads template.yaml as plain data: CloudFormation's tags in their long form, loops expanded."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_LOOP = "Fn::ForEach::"
_VARIABLE = re.compile(r"\$\{([^}]+)}")
_WITHOUT_PREFIX = {"Ref", "Condition"}  # !Ref is short for Ref, !Sub for Fn::Sub


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Fn::Sub": "x"}`."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if tag == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)


def read(path: Path = TEMPLATE) -> dict[str, Any]:
    """Returns the template after the transform AWS::LanguageExtensions, as far as template.yaml uses it."""
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  # a safe loader
    template["Resources"] = dict(_expanded(template["Resources"], template.get("Mappings", {})))
    return template


def _expanded(resources: Mapping[str, Any], mappings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for logical_id, resource in resources.items():
        if not logical_id.startswith(_LOOP):
            yield logical_id, resource
            continue
        identifier, items, fragment = resource
        for item in items:
            for key, value in fragment.items():
                yield key.replace(f"${{{identifier}}}", item), _substituted(value, identifier, item, mappings)


def _substituted(value: Any, identifier: str, item: str, mappings: Mapping[str, Any]) -> Any:
    """Fills one loop's item in and looks up what it selects in the mappings."""
    if isinstance(value, list):
        return [_substituted(each, identifier, item, mappings) for each in value]
    if not isinstance(value, dict):
        return value
    filled = {key: _substituted(each, identifier, item, mappings) for key, each in value.items()}
    match filled:
        case {"Ref": str(name)} if name == identifier:
            return item
        case {"Fn::Sub": str(text)} if f"${{{identifier}}}" in text:
            text = text.replace(f"${{{identifier}}}", item)
            return {"Fn::Sub": text} if "${" in text else text
        case {"Fn::FindInMap": [str(mapping), str(first), str(second)]}:
            return mappings[mapping][first][second]
    return filled


def resolve(value: Any, conditions: Mapping[str, Any], values: Mapping[str, str]) -> Any:
    """Returns `value` with its references, conditions and substitutions replaced.

    `values` are parameters and pseudo parameters by name. Raises KeyError for a name without value, ValueError for any
    other function of CloudFormation.
    """
    match value:
        case list():
            return [resolve(each, conditions, values) for each in value]
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text) | [str(text), _]}:
            more = value["Fn::Sub"][1] if isinstance(value["Fn::Sub"], list) else {}
            known = {**values, **resolve(more, conditions, values)}
            return _VARIABLE.sub(lambda found: known[found[1]], text)
        case {"Fn::Select": [int(index), {"Ref": str(name)}]}:
            return values[name].split(",")[index].strip()
        case {"Fn::Equals": [first, second]}:
            return resolve(first, conditions, values) == resolve(second, conditions, values)
        case {"Fn::Not": [condition]}:
            return not resolve(condition, conditions, values)
        case {"Fn::If": [str(condition), when_true, when_false]}:
            holds = resolve(conditions[condition], conditions, values)
            return resolve(when_true if holds else when_false, conditions, values)
        case dict():
            if unknown := next((key for key in value if key.startswith("Fn::")), None):
                raise ValueError(f"{unknown} cannot be resolved without CloudFormation")
            return {key: resolve(each, conditions, values) for key, each in value.items()}
    return value
