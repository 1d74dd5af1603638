"""Starts the emulator with our patches, behind the door: `python -I launch.py SITE_PACKAGES SAVED`.

It needs a bare interpreter, because the emulator runs functions with `sys.executable`. Started from its own virtual
environment, it would lend its packages to every function, and a dependency missing from a function's package would go
unnoticed. So SITE_PACKAGES is added to the path of this process only.

The emulator saves its state only on a clean shutdown; this script then creates the file SAVED.
"""

import importlib
import importlib.metadata
import runpy
import site
import sys
from pathlib import Path

RELEASE = "1.5.33"
"""The release of the emulator whose internals the patches change; requirements/emulator.in pins it."""
PATCHES = (
    "cognito_triggers",
    "cognito_users",
    "cloudformation",
    "metric_math",
    "stream_batches",
    "waf_association",
    "role_credentials",
    "copied_encoding",
    "principal_arn",
)
ROOT = Path(__file__).resolve().parents[2]


def install_patches() -> None:
    """Changes the emulator's modules in this process. Raises RuntimeError for any other release."""
    release = importlib.metadata.version("ministack")
    if release != RELEASE:
        raise RuntimeError(f"local/emulator/patches are written for ministack {RELEASE}, not {release}")
    for patch in PATCHES:
        runpy.run_path(str(Path(__file__).parent / "patches" / f"{patch}.py"))["install"]()


def install_door() -> None:
    """Puts the door in front of the emulator."""
    sys.path.append(str(ROOT))  # behind the emulator's packages
    importlib.import_module("local.emulator.door.installation").install()


if __name__ == "__main__":
    _, site_packages, saved = sys.argv
    del sys.argv[1:]
    site.addsitedir(site_packages)
    install_patches()
    install_door()
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
    Path(saved).touch()
