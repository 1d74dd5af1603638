"""`make sbom`: writes a CycloneDX bill of materials for each function's package and for the upload page.

artifacts/sbom/<resource>.cdx.json comes from a function's lock and its built package, which must agree; the page's
comes from `npm sbom`. The same input gives the same bytes.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from phenom.functions import FUNCTIONS, Function
from tools.supply_chain import packages
from tools.supply_chain.installed import Carried, Distribution, InstallError, distributions
from tools.supply_chain.licences import licence_of
from tools.supply_chain.locks import PAGE_LOCK, ROOT
from tools.supply_chain.packages import PackageError

OUTPUT = ROOT / "artifacts" / "sbom"
PAGE = "UploadPage"
_NPM = ("npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--omit=dev")


class SbomError(Exception):
    """A bill of materials could not be made or is invalid. The message says why."""


def function_sbom(function: Function) -> str:
    """Returns CycloneDX 1.6 as JSON. Raises InstallError, PackageError, SbomError."""
    found = distributions(function)
    packages.check(function, found)
    properties = {
        "phenom:lock": f"requirements/{function.lock.name} {_digest(function.lock)}",
        "phenom:package-sha256": packages.digest(function.package),
    }
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    root = Component(
        name=function.resource,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=function.resource,
        licenses=[LicenseExpression("MIT")],
        properties=[Property(name=key, value=value) for key, value in properties.items()],
    )
    bom = Bom(serial_number=_serial_number(function.resource, version, *properties.values()))
    bom.metadata.component = root
    components = {each.name: _python_component(each) for each in found}
    for each in found:
        bom.components.add(components[each.name])
        bom.register_dependency(components[each.name], [components[name] for name in each.needs if name in components])
    indirect = {name for each in found for name in each.needs}
    bom.register_dependency(root, [components[each.name] for each in found if each.name not in indirect])
    bom.metadata.timestamp = None  # type: ignore[assignment]  # optional in the schema; the library sets the clock's
    return _valid(JsonV1Dot6(bom).output_as_string(indent=2), SchemaVersion.V1_6)


def page_sbom() -> str:
    """Returns CycloneDX 1.5 as JSON, as npm writes it. Raises SbomError."""
    try:
        done = subprocess.run(_NPM, cwd=PAGE_LOCK.parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SbomError(f"npm cannot describe the upload page: {getattr(error, 'stderr', '') or error}") from error
    bom = json.loads(done.stdout)
    del bom["metadata"]["timestamp"]
    bom["serialNumber"] = _serial_number(PAGE, _digest(PAGE_LOCK)).urn
    return _valid(json.dumps(bom, indent=2), SchemaVersion.V1_5)


def _python_component(found: Distribution) -> Component:
    component = _component(PackageURL("pypi", None, found.name, found.version), licence_of(found))
    for each in found.carries:
        component.components.add(_carried_component(found, each))
    return component


def _carried_component(found: Distribution, each: Carried) -> Component:
    """Its reference includes the wheel, because two wheels may carry the same component."""
    kind, _, namespace = each.kind.partition("/")
    component = _component(PackageURL(kind, namespace or None, each.name, each.version), each.licence)
    component.bom_ref.value = f"{found.name}@{found.version}/{component.bom_ref.value}"
    return component


def _component(url: PackageURL, licence: str) -> Component:
    licences = [LicenseExpression(licence)] if licence else []
    return Component(name=url.name, version=url.version, purl=url, bom_ref=str(url), licenses=licences)


def _serial_number(*content: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(content))


def _digest(file: Path) -> str:
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def _valid(text: str, version: SchemaVersion) -> str:
    if error := JsonStrictValidator(version).validate_str(text):
        raise SbomError(f"Not CycloneDX {version.to_version()}: {error}")
    return text + "\n"


def main() -> int:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    try:
        written = {each.resource: function_sbom(each) for each in FUNCTIONS.values()} | {PAGE: page_sbom()}
    except (InstallError, PackageError, SbomError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, content in written.items():
        path = OUTPUT / f"{name}.cdx.json"
        path.write_text(content, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
