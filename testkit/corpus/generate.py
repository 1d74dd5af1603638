"""`python -m testkit.corpus.generate`: makes every file of the corpus and the manifest of expected verdicts.

Bytes, ffmpeg, ImageMagick and Pillow make the files; none is in git. `.cache/corpus` keeps them under the hash of the
generators and programs, so that only a change to these makes new files.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from testkit.corpus import tools
from testkit.corpus.sample import Sample, unique

MANIFEST = "manifest.json"
HERE = Path(__file__).parent
FAMILIES = tuple(sorted(path.stem for path in HERE.glob("*.py") if path.name.startswith(("good_", "bad_"))))
"""The modules of samples: every good_*.py and bad_*.py of this folder."""


def samples(family: str) -> Iterator[Sample]:
    """Yields the samples of one module of this package."""
    return unique(importlib.import_module(f"testkit.corpus.{family}").samples())


def key() -> str:
    """Returns a hash of the generators and the programs' versions."""
    digest = hashlib.sha256(tools.versions().encode())
    for path in sorted(HERE.glob("*.py")):
        if path.name not in {"test_corpus.py", "report.py"}:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def corpus() -> Path:
    """Returns the directory of the corpus and makes it if it is missing. Safe with several processes."""
    folder = tools.CACHE / key()
    tools.CACHE.mkdir(parents=True, exist_ok=True)
    with (tools.CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / MANIFEST).exists():
            _remove_older()
            making = Path(tempfile.mkdtemp(dir=tools.CACHE, prefix="making-"))
            generate(making)
            making.replace(folder)
    return folder


def generate(folder: Path) -> None:
    """Writes all files and the manifest into a directory."""
    entries = []
    with ProcessPoolExecutor(max_workers=os.process_cpu_count()) as pool:
        jobs = {pool.submit(_write_family, family, folder): family for family in FAMILIES}
        with tqdm(total=len(jobs), desc="corpus", unit="family", file=sys.stderr) as progress:
            for job in as_completed(jobs):
                entries += job.result()
                progress.set_postfix_str(jobs[job])
                progress.update()
    entries.sort(key=lambda entry: entry["file"])
    (folder / MANIFEST).write_text(json.dumps(entries, indent=1), encoding="utf-8")


def manifest(folder: Path) -> list[dict]:
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def _write_family(family: str, folder: Path) -> list[dict]:
    entries = []
    for sample in samples(family):
        path = folder / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for part in (sample.content,) if isinstance(sample.content, bytes) else sample.content:
                if isinstance(part, int):
                    file.seek(part, os.SEEK_CUR)
                else:
                    file.write(part)
            file.truncate(sample.size)
        entries.append(sample.entry() | {"family": family})
    return entries


def _remove_older() -> None:
    for path in tools.CACHE.iterdir():
        if path.is_dir() and path.name != "made":
            shutil.rmtree(path, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m testkit.corpus.generate", description="Makes the corpus of files.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the files here instead of into the cache")
    parser.add_argument("--list", action="store_true", help="print the manifest, one file per line")
    options = parser.parse_args()
    try:
        folder = options.out or corpus()
        if options.out:
            folder.mkdir(parents=True, exist_ok=True)
            generate(folder)
    except (tools.MissingProgramError, FileExistsError) as error:
        sys.stderr.write(f"generate: {error}\n")
        return 2
    entries = manifest(folder)
    if options.list:
        with contextlib.suppress(BrokenPipeError):
            for entry in entries:
                expected = entry["expected"] if isinstance(entry["expected"], str) else "|".join(entry["expected"])
                sys.stdout.write(f"{entry['file']}\t{entry['declared']}\t{expected}\t{entry['why']}\n")
    wanted = sum(entry["expected"] == "accept" for entry in entries)
    sys.stderr.write(f"{wanted} good and {len(entries) - wanted} bad files in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
