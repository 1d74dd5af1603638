"""Runs the emulator with its dependencies on the path of this one process and of no other.

The emulator runs functions with `sys.executable`. Started from its virtual environment, it would lend every function
its own packages, and a dependency missing from a function's package would go unnoticed. Started like this, functions
get a bare interpreter. usage: python -I launch.py SITE_PACKAGES SAVED

The emulator saves its state only when it stops in good order; the file SAVED then says that it has.
"""

import runpy
import site
import sys
from pathlib import Path

if __name__ == "__main__":
    _, site_packages, saved = sys.argv
    del sys.argv[1:]
    site.addsitedir(site_packages)
    for amendment in (
        "cognito_triggers.py",
        "cloudformation.py",
        "metric_math.py",
        "stream_batches.py",
        "waf_association.py",
    ):
        runpy.run_path(str(Path(__file__).parent / "patches" / amendment))["install"]()
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
    Path(saved).touch()
