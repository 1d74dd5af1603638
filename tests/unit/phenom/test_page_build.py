"""Building the upload page: only after a change, and a clear error when it is impossible."""

import os
from pathlib import Path

import pytest

from phenom.upload_page import build
from phenom.upload_page.build import BuildError

NPM = """#!/bin/sh
echo "$@" >>"$NPM_CALLS"
[ "$1" = run ] || { mkdir -p node_modules; exit "${NPM_CI_EXIT:-0}"; }
mkdir -p dist && echo built >dist/index.html
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary client folder, and an npm that records its calls."""
    for name, content in (("npm", NPM), ("node", "#!/bin/sh\necho ${NODE_VERSION:-v22.1.0}\n")):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(content)
        program.chmod(0o755)
    client = tmp_path / "client"
    (client / "src").mkdir(parents=True)
    (client / "package-lock.json").write_text("{}")
    (client / "src/main.ts").write_text("1")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "CLIENT", client)
    monkeypatch.setattr(build, "DIST", client / "dist")
    monkeypatch.setattr(build, "_CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("NPM_CALLS", str(tmp_path / "calls"))
    return client


def calls(client: Path) -> list[str]:
    file = client.parent / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_page_is_built_once(npm):
    assert not build.is_current()
    for _ in range(2):
        assert (build.build() / "index.html").read_text() == "built\n"
    assert build.is_current()
    assert calls(npm) == ["ci", "run build"]


def test_changed_source_is_built_again_without_another_install(npm):
    build.build()
    (npm / "src/main.ts").write_text("2")
    assert not build.is_current()
    build.build()
    assert calls(npm) == ["ci", "run build", "run build"]


def test_changed_lock_is_installed_again(npm):
    build.build()
    (npm / "package-lock.json").write_text('{"packages": {}}')
    build.build()
    assert calls(npm) == ["ci", "run build", "ci", "run build"]


def test_generated_files_are_no_sources(npm):
    build.build()
    (npm / "node_modules/x.js").write_text("x")
    (npm / "dist/y.js").write_text("y")
    assert build.is_current()


def test_failed_build_is_an_error_and_repeated(npm, monkeypatch):
    monkeypatch.setenv("NPM_CI_EXIT", "1")
    with pytest.raises(BuildError, match="`npm ci` failed"):
        build.build()
    monkeypatch.delenv("NPM_CI_EXIT")
    build.build()
    assert calls(npm) == ["ci", "ci", "run build"]


@pytest.mark.parametrize(
    ("version", "fits"), [("v20.19.0", True), ("v22.0.0", True), ("v20.18.9", False), ("v18.20.4", False), ("x", False)]
)
def test_old_node_is_reported(npm, monkeypatch, version, fits):
    monkeypatch.setenv("NODE_VERSION", version)
    lacks = build.missing()
    assert (lacks is None) is fits
    assert fits or "20.19 or newer" in str(lacks)


def test_missing_npm_allows_a_current_build_and_refuses_a_new_one(npm, monkeypatch):
    build.build()
    monkeypatch.setenv("PATH", os.devnull)
    assert "npm" in str(build.missing())
    build.build()
    (npm / "src/main.ts").write_text("3")
    with pytest.raises(BuildError, match=r"this machine needs Node\.js"):
        build.build()
