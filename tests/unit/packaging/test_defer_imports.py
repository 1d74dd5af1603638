"""packaging/defer_imports.py: which imports of libraries move, and when the build stops."""

import importlib.util
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_spec = importlib.util.spec_from_file_location("defer_imports", ROOT / "packaging" / "defer_imports.py")
assert _spec is not None
assert _spec.loader is not None
deferring = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(deferring)

FILES = [*deferring.DEFERRED, deferring.POWERTOOLS]


def test_changed_library_stops_the_build(tmp_path: Path):
    (tmp_path / "urllib3" / "http2").mkdir(parents=True)
    (tmp_path / "urllib3" / "http2" / "__init__.py").write_text("import h2\n")
    with pytest.raises(deferring.UnknownReleaseError, match=r"urllib3/http2/__init__\.py"):
        deferring.defer_imports(tmp_path)


def test_edited_files_of_the_installed_releases_are_valid_python(tmp_path: Path):
    site = Path(importlib.util.find_spec("urllib3").origin).parents[1]
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / name, tmp_path / name)
    deferring.defer_imports(tmp_path)
    for name in FILES:
        edited = (tmp_path / name).read_text()
        assert edited != (site / name).read_text()
        compile(edited, name, "exec")


def test_missing_libraries_are_skipped(tmp_path: Path):
    deferring.defer_imports(tmp_path)
    assert list(tmp_path.iterdir()) == []
