"""Only one command at a time uses a local cloud."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.lifecycle import Cloud, InUseError
from local.paths import ROOT, CloudPaths


def test_second_owner_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    first, second = Cloud(CloudPaths(tmp_path)), Cloud(CloudPaths(tmp_path))
    with first.owned(), pytest.raises(InUseError), second.owned():
        pass
    with second.owned():
        pass


def test_lock_of_a_killed_holder_is_released(tmp_path: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path\n"
        "from local.lifecycle import Cloud; from local.paths import CloudPaths\n"
        "with Cloud(CloudPaths(Path(sys.argv[1]))).owned(): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, tmp_path], cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(InUseError), Cloud(CloudPaths(tmp_path)).owned():
            pass
        holder.kill()
    with Cloud(CloudPaths(tmp_path)).owned():
        pass
