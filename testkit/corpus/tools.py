"""The programs that make real files: ffmpeg and ImageMagick. What they made is kept, by their arguments."""

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
    """A program that the corpus is made with is not installed."""


@functools.cache
def ffmpeg_path() -> str:
    path = shutil.which("ffmpeg")
    if not path:
        raise MissingProgramError("ffmpeg is not installed")
    return path


@functools.cache
def convert_path() -> str:
    """ImageMagick under any of its names; some machines have another program called convert in front of it."""
    for candidate in ("/usr/bin/convert", shutil.which("magick"), shutil.which("convert")):
        if candidate and Path(candidate).exists() and "ImageMagick" in _output(candidate, "-version"):
            return candidate
    raise MissingProgramError("ImageMagick is not installed")


@functools.cache
def versions() -> str:
    """Which programs make the files; part of the key of everything that is kept."""
    return (
        _output(ffmpeg_path(), "-version").partition("\n")[0] + _output(convert_path(), "-version").partition("\n")[0]
    )


def ffmpeg(suffix: str, *arguments: str) -> bytes:
    """The file that ffmpeg makes, named out.<suffix>."""
    begin = (ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y")
    return _made(suffix, (*begin, *arguments))


def clip(suffix: str, options: str = "", *, audio: str = "", size: str = "64x48", seconds: str = "0.4") -> bytes:
    """A tiny film of a test picture; `audio` are the options of its sound, which is otherwise left out."""
    inputs = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}"]
    if audio:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}", "-shortest"]
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "1"]
    return ffmpeg(suffix, *inputs, *exact, *options.split(), *audio.split())


def sound(suffix: str, options: str) -> bytes:
    """A tiny file without any picture."""
    tone = "sine=frequency=440:sample_rate=48000:duration=0.4"
    return ffmpeg(suffix, "-f", "lavfi", "-i", tone, "-fflags", "+bitexact", *options.split())


def convert(suffix: str, arguments: str) -> bytes:
    """The picture that ImageMagick makes of the arguments, without the date that it would put into a PNG."""
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
