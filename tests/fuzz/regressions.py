"""Inputs that showed a defect or nearly did, stored as text and replayed by `make test`."""

import base64
import zlib
from pathlib import Path

KEPT = Path(__file__).parent / "regressions"


def kept_inputs() -> dict[str, tuple[str, bytes]]:
    """Returns target and bytes of each input, by name."""
    return {
        f"{path.parent.name}/{path.stem}": (path.parent.name, decode(path.read_text()))
        for path in sorted(KEPT.glob("*/*.txt"))
    }


def decode(text: str) -> bytes:
    """Decodes Base64 of zlib data; lines with # describe the input."""
    packed = "".join(line for line in text.splitlines() if not line.startswith("#"))
    return zlib.decompress(base64.b64decode(packed, validate=True))


def keep(target: str, name: str, data: bytes, why: str) -> Path:
    path = KEPT / target / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {why}\n{base64.encodebytes(zlib.compress(data, 9)).decode()}")
    return path
