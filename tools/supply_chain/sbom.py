"""Bills of materials, CycloneDX 1.6: `make sbom` writes artifacts/sbom/<what is shipped>.cdx.json.

From the locks and the built packages, which must agree; the same input gives the same bytes. https://cyclonedx.org/docs/1.6/json/
"""

import hashlib
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
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
from tools.supply_chain.locks import PageLibrary, page_libraries
from tools.supply_chain.packages import PackageError
from tools.supply_chain.paths import CLIENT, ROOT, version

OUTPUT = ROOT / "artifacts" / "sbom"
PAGE = "UploadPage"


class SchemaError(Exception):
    """What was written is no CycloneDX. The message says where."""


def of_function(function: Function) -> str:
    """JSON. Raises InstallError, PackageError, SchemaError."""
    found = distributions(function)
    packages.check(function, found)
    bom, root = _bom(
        function.resource,
        {
            "phenom:lock": f"requirements/{function.lock.name} {_digest(function.lock)}",
            "phenom:package-sha256": packages.digest(function.package),
        },
    )
    components = {each.name: _python(each) for each in found}
    for each in found:
        bom.components.add(components[each.name])
        needed = [components[name] for name in sorted(each.needs) if name in components]
        bom.register_dependency(components[each.name], needed)
    needed_by_others = {name for each in found for name in each.needs}
    bom.register_dependency(root, [components[each.name] for each in found if each.name not in needed_by_others])
    return _json(bom)


def of_page(libraries: Iterable[PageLibrary]) -> str:
    """JSON. Raises SchemaError."""
    lock = CLIENT / "package-lock.json"
    bom, root = _bom(PAGE, {"phenom:lock": f"client/{lock.name} {_digest(lock)}"})
    components = [_npm(each) for each in libraries]
    for component in components:
        bom.components.add(component)
        bom.register_dependency(component)
    bom.register_dependency(root, components)
    return _json(bom)


def write(name: str, content: str) -> Path:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / f"{name}.cdx.json"
    path.write_text(content)
    return path


def _bom(name: str, properties: dict[str, str]) -> tuple[Bom, Component]:
    """The frame: what is described, and where that stands. The serial number comes from the content."""
    root = Component(
        name=name,
        version=version(),
        type=ComponentType.APPLICATION,
        bom_ref=name,
        licenses=[LicenseExpression("MIT")],
        properties=[Property(name=key, value=value) for key, value in properties.items()],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([name, version(), *properties.values()])))
    bom.metadata.component = root
    return bom, root


def _python(found: Distribution) -> Component:
    component = _component(PackageURL("pypi", None, found.name, found.version), licence_of(found))
    for each in found.carries:
        component.components.add(_carried(found, each))
    return component


def _carried(found: Distribution, each: Carried) -> Component:
    """Its reference names the wheel as well: two wheels may carry the same."""
    component = _component(PackageURL(each.kind, None, each.name, each.version), each.licence)
    component.bom_ref.value = f"{found.name}@{found.version}/{component.bom_ref.value}"
    return component


def _npm(library: PageLibrary) -> Component:
    scope, _, name = library.name.rpartition("/")
    component = _component(PackageURL("npm", scope or None, name, library.version), library.licence)
    component.hashes.add(HashType(alg=HashAlgorithm.SHA_512, content=library.sha512))
    return component


def _component(url: PackageURL, licence: str) -> Component:
    return Component(
        name=url.name,
        group=url.namespace,
        version=url.version,
        purl=url,
        bom_ref=str(url),
        licenses=[LicenseExpression(licence)] if licence else [],
    )


def _digest(file: Path) -> str:
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def _json(bom: Bom) -> str:
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the schema lets it be absent; the library sets the clock's
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    if trouble := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SchemaError(f"The bill of materials is no CycloneDX 1.6: {trouble}")
    return text


def main() -> int:
    try:
        written = [write(function.resource, of_function(function)) for function in FUNCTIONS.values()]
        written.append(write(PAGE, of_page(page_libraries())))
    except (InstallError, PackageError, SchemaError) as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
