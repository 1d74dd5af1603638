"""packaging/trim.py: which of botocore's data stays in a package."""

import gzip
import importlib.metadata
import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_spec = importlib.util.spec_from_file_location("trim", ROOT / "packaging" / "trim.py")
assert _spec is not None
assert _spec.loader is not None
trim = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(trim)

MODEL = {
    "metadata": {"endpointPrefix": "sqs"},
    "documentation": "<p>A queue.</p>",
    "operations": {
        "SendMessage": {"input": {"shape": "In"}, "errors": [{"shape": "Bad"}], "documentation": "<p>Sends.</p>"},
        "ChangeMessageVisibility": {"input": {"shape": "In"}},
        "DeleteQueue": {"input": {"shape": "Other"}},
    },
    "shapes": {
        "In": {"type": "structure", "members": {"Next": {"shape": "In"}, "documentation": {"shape": "Text"}}},
        "Bad": {"type": "structure", "members": {}, "exception": True},
        "Text": {"type": "string", "documentation": "<p>Text.</p>"},
        "Other": {"type": "structure", "members": {}},
    },
}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    data = tmp_path / "botocore" / "data"
    for service in ("sqs", "ec2"):
        version = data / service / "2012-11-05"
        version.mkdir(parents=True)
        (version / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(MODEL).encode()))
        (version / "paginators-1.json").write_text("{}")
        (version / "endpoint-rule-set-1.json.gz").write_bytes(b"kept")
    (data / "endpoints.json").write_text(json.dumps({"partitions": [{"services": {"sqs": {}, "ec2": {}}}]}))
    return tmp_path


def test_only_called_operations_and_their_shapes_stay(installed: Path):
    trim.trim(installed, ["sqs"])
    data = installed / "botocore" / "data"
    version = data / "sqs" / "2012-11-05"
    model = json.loads((version / "service-2.json").read_text())
    assert sorted(path.name for path in version.iterdir()) == ["endpoint-rule-set-1.json.gz", "service-2.json"]
    assert model["operations"].keys() == {"SendMessage", "ChangeMessageVisibility"}
    assert model["shapes"].keys() == {"In", "Bad", "Text"}
    assert not (data / "ec2").exists()
    assert json.loads((data / "endpoints.json").read_text())["partitions"][0]["services"].keys() == {"sqs"}


def test_documentation_is_removed_but_a_member_of_that_name_stays(installed: Path):
    trim.trim(installed, ["sqs"])
    text = (installed / "botocore/data/sqs/2012-11-05/service-2.json").read_text()
    assert "<p>" not in text
    assert json.loads(text)["shapes"]["In"]["members"]["documentation"] == {"shape": "Text"}


def test_database_of_libmagic_stays_and_its_sources_go(installed: Path):
    data = installed / "libmagic" / "data"
    (data / "magdir").mkdir(parents=True)
    (data / "magdir" / "archive").write_text("0 string PK")
    (data / "default.mgc").write_bytes(b"kept")
    trim.trim(installed, ["sqs"])
    assert [path.name for path in data.iterdir()] == ["default.mgc"]


def test_service_without_listed_operations_stops_the_build(installed: Path):
    with pytest.raises(KeyError, match="ec2"):
        trim.trim(installed, ["sqs", "ec2"])


def test_package_without_botocore_stays_as_it_is(tmp_path: Path):
    (tmp_path / "urllib3").mkdir()
    (tmp_path / "urllib3" / "__init__.py").write_text("import ssl\n")
    trim.trim(tmp_path, [])
    assert (tmp_path / "urllib3" / "__init__.py").read_text() == "import ssl\n"


def test_metadata_keeps_name_and_version_only(tmp_path: Path):
    metadata = tmp_path / "jmespath-1.0.1.dist-info"
    (metadata / "licenses").mkdir(parents=True)
    (metadata / "RECORD").write_text("jmespath/__init__.py,sha256=1,2\n")
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: jmespath\nVersion: 1.0.1\nSummary: a\n b\n\nVersion: in the description\n"
    )
    trim.trim_metadata(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "jmespath-1.0.1.dist-info/METADATA"
    ]
    assert (metadata / "METADATA").read_text() == "Metadata-Version: 2.4\nName: jmespath\nVersion: 1.0.1\n"
    (found,) = importlib.metadata.distributions(path=[str(tmp_path)])
    assert (found.metadata["Name"], found.version) == ("jmespath", "1.0.1")
