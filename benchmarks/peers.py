"""Peers to compare with, installed from npm and PyPI if missing, and their versions."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from benchmarks.figures import MissingPartError

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "benchmarks"
NODE_SOURCES = Path(__file__).parent / "node"
_NPM = ("client-s3", "s3-request-presigner", "client-dynamodb", "client-secrets-manager")
_BUNDLE = (
    *("--bundle", "--platform=node", "--format=esm", "--minify", "--log-level=error"),
    "--banner:js=import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
)
_NAME_AND_VERSION = re.compile(r"(.+)-([0-9][^-]*)\.dist-info")
_versions: dict[str, str] = {}


def versions() -> dict[str, str]:
    """Returns the versions of the peers used in this run."""
    return dict(_versions)


def node() -> str:
    """Returns the path of Node.js. Raises MissingPartError."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        raise MissingPartError("Node.js with npm is missing: install it (Debian: nodejs, npm)")
    return program


@cache
def node_functions() -> Path:
    """Returns a directory with the functions of benchmarks/node and the AWS SDK; bundles are in `bundled`.

    Raises MissingPartError.
    """
    node()
    directory = CACHE / "node"
    directory.mkdir(parents=True, exist_ok=True)
    for source in NODE_SOURCES.glob("*.mjs"):
        shutil.copy(source, directory)
    if not (directory / "node_modules" / "esbuild").is_dir():
        (directory / "package.json").write_text('{"private": true, "type": "module"}\n')
        packages = [f"@aws-sdk/{name}@3" for name in _NPM]
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        _run("npm", "install", "--prefix", str(directory), *quiet, *packages, "esbuild@0", what="the AWS SDK, from npm")
    for name in ("presigner", "same_clients"):
        bundle = directory / "bundled" / f"{name}.mjs"
        source = directory / f"{name}.mjs"
        _run(str(directory / "node_modules/.bin/esbuild"), str(source), *_BUNDLE, f"--outfile={bundle}", what="bundles")
    for name in ("@aws-sdk/client-s3", "@aws-sdk/s3-request-presigner", "esbuild"):
        _versions[name] = json.loads((directory / "node_modules" / name / "package.json").read_text())["version"]
    return directory


@cache
def python_packages(name: str, *requirements: str) -> Path:
    """Returns a directory with these PyPI packages as `pip install --target` leaves them.

    Raises MissingPartError.
    """
    directory = CACHE / "python" / name
    if not directory.is_dir():
        making = directory.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        uv, python = ROOT / ".venv/bin/uv", ROOT / ".venv/bin/python"
        command = (str(uv), "pip", "install", "--quiet", "--link-mode", "copy", "--python", str(python))
        _run(*command, "--target", str(making), *requirements, what=f"{', '.join(requirements)}, from PyPI")
        _run(
            str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(making), what="bytecode"
        )
        making.replace(directory)
    wanted = {re.split(r"[\[=<>]", each)[0].lower().replace("-", "_") for each in requirements}
    for path in directory.glob("*.dist-info"):
        match = _NAME_AND_VERSION.fullmatch(path.name)
        if match and match[1].lower() in wanted:
            _versions[match[1].replace("_", "-")] = match[2]
    return directory


def note(name: str, version: str) -> None:
    """Records the version of an installed peer."""
    _versions[name] = version


def _run(*command: str, what: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingPartError(f"{what} could not be installed: {(done.stderr or done.stdout).strip()[-300:]}")
