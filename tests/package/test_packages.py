"""Each function package contains everything its handler needs, and nothing else."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore import xform_name

from phenom import event_cases
from phenom.functions import FUNCTIONS, Function
from testkit.lambda_runtime import runtime
from testkit.wiring import CREDENTIALS, ENVIRONMENTS
from tools.supply_chain.locks import normal, python_packages

pytestmark = pytest.mark.package
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    """Expected contents: `libraries` are top-level entries that are not ours. Case `event` needs no network."""

    function: Function
    libraries: set[str]
    event: str
    answer: dict[str, object]
    lazily_imported: tuple[str, ...] = ()

    @property
    def own(self) -> set[str]:
        return {self.function.name, *self.function.shares}

    @property
    def botocore_services(self) -> set[str]:
        return set(self.function.botocore)

    @property
    def handler(self) -> str:
        return f"{self.function.name}.handler"

    @property
    def environment(self) -> dict[str, str]:
        return {**CREDENTIALS, **ENVIRONMENTS[self.function.name], "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}

    def sample_event(self) -> object:
        return event_cases.load(self.function.name, self.event)[0]


BOTOCORE = {"botocore", "dateutil", "jmespath", "six.py", "urllib3"}
CLAIMS = (
    '{"x-hasura-user-id":"0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90","x-hasura-default-role":"user",'
    '"x-hasura-allowed-roles":["user","moderator"]}'
)
PACKAGES = [
    Package(
        FUNCTIONS["presign"],
        BOTOCORE | {"aws_lambda_powertools", "pydantic_core", "typing_extensions.py"},
        "not_json",
        {"statusCode": 400},
    ),
    Package(
        FUNCTIONS["validator"],
        BOTOCORE | {"aws_lambda_powertools", "libmagic", "magic", "pyclamd", "typing_extensions.py"},
        "test_event",
        {"batchItemFailures": []},
        ("pyclamd",),
    ),
    Package(
        FUNCTIONS["cognito_trigger"],
        {"aws_lambda_powertools", "jmespath", "typing_extensions.py"},
        "v1_mapped_group",
        {"response": {"claimsOverrideDetails": {"claimsToAddOrOverride": {"https://hasura.io/jwt/claims": CLAIMS}}}},
    ),
    Package(
        FUNCTIONS["user_sync"],
        BOTOCORE | {"aws_lambda_powertools", "typing_extensions.py"},
        "post_authentication_without_sub",
        {"triggerSource": "PostAuthentication_Authentication", "response": {}},
    ),
    Package(
        FUNCTIONS["upload_events"],
        BOTOCORE | {"aws_lambda_powertools", "typing_extensions.py"},
        "decided_item_updated",
        {"batchItemFailures": []},
    ),
]
each_package = pytest.mark.parametrize("expected", PACKAGES, ids=lambda expected: expected.function.resource)

PROBE = """
import importlib, json, sys, types
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
context = types.SimpleNamespace(
    aws_request_id="request", function_name="f", memory_limit_in_mb=512, function_version="1",
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:f", get_remaining_time_in_millis=lambda: 30000)
answer = module.handler(json.load(sys.stdin), context)
for lazy in sys.argv[3:]:
    importlib.import_module(lazy)
outside = sorted({m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)
                  and not m.__file__.startswith((sys.argv[1], sys.base_prefix))})
print("PROBE " + json.dumps({"answer": answer, "outside": outside}))
"""


@each_package
def test_handler_answers_in_a_bare_interpreter(build: Path, expected: Package) -> None:
    done = subprocess.run(
        [
            sys._base_executable,
            "-I",
            "-S",
            "-B",
            "-c",
            PROBE,
            str(build / expected.function.resource),
            expected.handler,
            *expected.lazily_imported,
        ],
        input=json.dumps(expected.sample_event()),
        env=expected.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    probe = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("PROBE "))[6:])
    assert probe["answer"].items() >= expected.answer.items()
    assert probe["outside"] == []


@each_package
def test_package_contains_only_own_and_locked_packages(build: Path, expected: Package) -> None:
    entries = {p.name for p in (build / expected.function.resource).iterdir()}
    libraries = {name for name in entries if not re.search(r"\.(dist-info|libs)$|^__pycache__$", name)}
    assert libraries == expected.own | expected.libraries


@each_package
def test_scanners_see_every_locked_distribution(build: Path, expected: Package) -> None:
    """Amazon Inspector and pip-audit read *.dist-info/METADATA, as importlib.metadata does."""
    package = build / expected.function.resource
    locked = {(each.name, each.version) for each in python_packages(expected.function.lock)}
    seen = list(importlib.metadata.distributions(path=[str(package)]))
    assert {(normal(each.metadata["Name"]), each.version) for each in seen} == locked
    assert len(seen) == len(locked)
    command = [
        sys.executable,
        "-m",
        "pip",
        "list",
        "--path",
        package,
        "--format",
        "json",
        "--disable-pip-version-check",
    ]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {(normal(each["name"]), each["version"]) for each in listed} == locked, "pip-audit --path lists with pip"


@each_package
def test_metadata_takes_little_of_the_package(build: Path, expected: Package) -> None:
    package = build / expected.function.resource
    files = [path for path in package.glob("*.dist-info/**/*") if path.is_file()]
    assert {path.name for path in files} == {"METADATA"}
    assert sum(path.stat().st_size for path in files) < 100 * len(files)


@each_package
def test_package_contains_botocore_data_only_of_called_services(build: Path, expected: Package) -> None:
    data = build / expected.function.resource / "botocore" / "data"
    assert {p.name for p in data.glob("*/")} == expected.botocore_services
    if expected.botocore_services:
        (aws,) = (p for p in json.loads((data / "endpoints.json").read_text())["partitions"] if p["partition"] == "aws")
        assert aws["services"].keys() == expected.botocore_services


# Adapters of shared packages, by service. Not every function that shares the package uses them.
UNUSED_ADAPTERS = {"DynamoDbClient": "dynamodb", "SecretsClient": "secretsmanager"}


@each_package
def test_package_describes_each_operation_of_its_adapters(build: Path, expected: Package) -> None:
    """Protocols named …Client list the calls; packaging/trim.py removes all other operations."""
    package = build / expected.function.resource
    models = [json.loads(path.read_text()) for path in package.glob("botocore/data/*/*/service-2.json")]
    described = {xform_name(name) for model in models for name in model["operations"]}
    sources = [path.read_text() for own in expected.own for path in (package / own).rglob("*.py")]
    services_not_called = {"dynamodb", "secretsmanager"} - expected.botocore_services
    called = {
        member.name
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Client") and _is_protocol(node)
        if UNUSED_ADAPTERS.get(node.name) not in services_not_called
        for member in node.body
        if isinstance(member, ast.FunctionDef)
    }
    assert bool(called) is bool(expected.botocore_services)
    assert called - described == set()


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


CALLS = """
import sys
sys.path.insert(0, sys.argv[1])
import botocore.session
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
EXAMPLES = {"string": "text", "integer": 1, "long": 1, "boolean": True, "map": {}, "list": [{}], "structure": {}}
config = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
session = botocore.session.get_session()
for service in sys.argv[2:]:
    client = session.create_client(service, endpoint_url="http://127.0.0.1:9", config=config)
    for name, operation in client.meta.method_to_api_mapping.items():
        shape = client.meta.service_model.operation_model(operation).input_shape
        arguments = {each: EXAMPLES[shape.members[each].type_name] for each in shape.required_members}
        try:
            getattr(client, name)(**arguments)
        except EndpointConnectionError:
            print("SENT", service, name)
"""


@each_package
def test_every_operation_is_sent_to_the_network(build: Path, expected: Package) -> None:
    """The trimmed data suffices to check, sign and send each call."""
    if not expected.botocore_services:
        return
    package, services = str(build / expected.function.resource), sorted(expected.botocore_services)
    done = subprocess.run(
        [sys._base_executable, "-I", "-S", "-B", "-c", CALLS, package, *services],
        env=expected.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    sent = {tuple(line.split()[1:]) for line in done.stdout.splitlines() if line.startswith("SENT ")}
    models = (build / expected.function.resource).glob("botocore/data/*/*/service-2.json")
    assert sent == {
        (path.parts[-3], xform_name(name)) for path in models for name in json.loads(path.read_text())["operations"]
    }


@each_package
def test_package_contains_no_tests_stubs_or_c_sources(build: Path, expected: Package) -> None:
    needless = re.compile(r"(^|/)(tests?|testing|docs|examples)/|\.(pyi|pyx|c|h|typed)$")
    files = [
        str(p.relative_to(build / expected.function.resource)) for p in (build / expected.function.resource).rglob("*")
    ]
    kept = re.compile(r"^botocore/docs/")  # botocore's clients import it
    assert [name for name in files if needless.search(name) and not kept.search(name)] == []


@each_package
def test_every_module_is_compiled_before_the_cold_start(build: Path, expected: Package) -> None:
    """Byte code is `unchecked-hash` (PEP 552: flags 0b01): a copied file's time stamp must not invalidate it."""
    package = build / expected.function.resource
    for source in package.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert compiled.is_file(), source
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", compiled


@each_package
def test_shared_objects_are_for_x86_64(build: Path, expected: Package) -> None:
    """ELF header: 64 bit (byte 4), machine x86-64 (0x3E at offset 18)."""
    for library in (build / expected.function.resource).rglob("*.so*"):
        head = library.read_bytes()[:20]
        assert (head[:4], head[4], head[18]) == (b"\x7fELF", 2, 0x3E), library


@each_package
def test_handler_answers_in_the_lambda_runtime(build: Path, expected: Package, tmp_path: Path) -> None:
    event = expected.sample_event()
    with runtime(
        build / expected.function.resource, f"{expected.handler}.handler", expected.environment, tmp_path
    ) as function_runtime:
        for _ in range(2):
            assert function_runtime.invoke(event).items() >= expected.answer.items()
