"""Makes real files with ffmpeg and ImageMagick, and caches them by program and arguments."""

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "corpus"
_TIMEOUT_SECONDS = 120
_SAME_EVERY_TIME = {"SOURCE_DATE_EPOCH": "1714550400", "TZ": "UTC", "LC_ALL": "C.UTF-8", "MAGICK_THREAD_LIMIT": "1"}


class MissingProgramError(Exception):
    """A program that makes files of the corpus is not installed."""


@functools.cache
def ffmpeg_path() -> str:
    path = shutil.which("ffmpeg")
    if not path:
        raise MissingProgramError("ffmpeg is not installed")
    return path


@functools.cache
def convert_path() -> str:
    """Returns ImageMagick under any of its names; on some machines `convert` is another program."""
    for candidate in ("/usr/bin/convert", shutil.which("magick"), shutil.which("convert")):
        if candidate and Path(candidate).exists() and "ImageMagick" in _output(candidate, "-version"):
            return candidate
    raise MissingProgramError("ImageMagick is not installed")


@functools.cache
def versions() -> str:
    """Returns the programs' versions, which are part of every cache key."""
    return (
        _output(ffmpeg_path(), "-version").partition("\n")[0] + _output(convert_path(), "-version").partition("\n")[0]
    )


def ffmpeg(suffix: str, *arguments: str) -> bytes:
    """Returns the file that ffmpeg writes to out.<suffix>."""
    begin = (ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y")
    return _made(suffix, (*begin, *arguments))


def clip(suffix: str, options: str = "", *, audio: str = "", size: str = "64x48", seconds: str = "0.4") -> bytes:
    """Returns a tiny video of a test pattern, with sound if `audio` has its options."""
    inputs = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}"]
    if audio:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}", "-shortest"]
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "1"]
    return ffmpeg(suffix, *inputs, *exact, *options.split(), *audio.split())


def sound(suffix: str, options: str) -> bytes:
    """Returns a tiny audio file."""
    tone = "sine=frequency=440:sample_rate=48000:duration=0.4"
    return ffmpeg(suffix, "-f", "lavfi", "-i", tone, "-fflags", "+bitexact", *options.split())


def convert(suffix: str, arguments: str) -> bytes:
    """Returns the image that ImageMagick makes, without the date that it would write into a PNG."""
    return _made(suffix, (convert_path(), *arguments.split(), "-define", "png:exclude-chunks=date,time"))


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS).stdout


def _made(suffix: str, command: tuple[str, ...]) -> bytes:
    key = hashlib.sha256(repr((versions(), suffix, command)).encode()).hexdigest()[:32]
    kept = CACHE / "made" / f"{key}.{suffix}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            made = Path(folder) / f"out.{suffix}"
            done = subprocess.run(
                (*command, str(made)),
                capture_output=True,
                text=True,
                check=False,
                timeout=_TIMEOUT_SECONDS,
                env=os.environ | _SAME_EVERY_TIME,
            )
            if done.returncode or not made.exists():
                raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or 'made no file'}")
            made.replace(kept)
    return kept.read_bytes()
