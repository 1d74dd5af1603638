"""How large the functions' packages are, zipped, beside what `pip install` of the same libraries leaves."""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import peers
from benchmarks.contestants import BUILD
from benchmarks.figures import Figure, MissingPartError, not_measured

# With boto3, as functions are usually packed: it is what people write.
_USUAL = {
    "presign": ("PresignFunction", ("boto3", "aws-lambda-powertools", "pydantic")),
    "validator": ("ValidatorFunction", ("boto3", "aws-lambda-powertools", "pyclamd", "python-magic", "pylibmagic")),
    "cognito_trigger": ("CognitoTriggerFunction", ("boto3", "aws-lambda-powertools")),
    "user_sync": ("UserSyncFunction", ("boto3", "aws-lambda-powertools", "requests")),
    "upload_events": ("UploadEventsFunction", ("boto3", "aws-lambda-powertools")),
}


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    say(f"    {len(_USUAL)} packages" + (", all of them although quick" if quick else ""))
    return [_figure(name, *package) for name, package in _USUAL.items()]


def _figure(name: str, logical_id: str, usual: tuple[str, ...]) -> Figure:
    package = BUILD / logical_id
    title = f"{name}: package, zipped"
    if not package.is_dir():
        return not_measured(title, "it is not built: run `make build`")
    ours = zipped([package])
    try:
        naive = zipped([peers.python_packages(f"package-{name}", *usual)])
    except MissingPartError as missing:
        return Figure(title, ours / 1e6, "MB", note=str(missing))
    return Figure(title, ours / 1e6, "MB", detail=f"pip install {' '.join(usual)}: {naive / 1e6:.2f} MB")


def zipped(directories: Iterable[Path]) -> int:
    """Bytes of an archive, deflated, of all that is in the directories."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as target:
        for directory in directories:
            for path in sorted(directory.rglob("*")):
                if path.is_file():
                    target.write(path, path.relative_to(directory))
    return archive.tell()
