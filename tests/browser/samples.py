"""Files to send."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from tests.e2e import samples

PART = 8 * 1024 * 1024


def memory(name: str, mime: str, content: bytes) -> dict[str, Any]:
    """Returns an in-memory file in Playwright's form."""
    return {"name": name, "mimeType": mime, "buffer": content}


def photo(name: str = "holiday.jpg", colour: int = 0) -> dict[str, Any]:
    return memory(name, "image/jpeg", samples.jpeg(colour, side=320))


def scenery(name: str, mime: str, hue: int) -> dict[str, Any]:
    """Returns a JPEG worth looking at, under any `mime`."""
    sky, light = Image.linear_gradient("L").resize((640, 480)), Image.radial_gradient("L").resize((640, 480))
    flat = Image.new("L", (640, 480), hue)
    buffer = io.BytesIO()
    Image.merge(
        "HSV", (Image.blend(flat, sky, 0.2), light, Image.blend(sky, Image.new("L", sky.size, 255), 0.6))
    ).convert("RGB").save(buffer, "JPEG")
    return memory(name, mime, buffer.getvalue())


def large_picture(directory: Path, parts: int, name: str = "panorama.bmp") -> Path:
    """Returns a valid picture of the given number of parts. BMP is uncompressed and quick to create."""
    side = int((parts * PART - PART // 2) // 3) // 2000
    buffer = io.BytesIO()
    Image.new("RGB", (2000, side), (40, 120, 90)).save(buffer, "BMP")
    path = directory / name
    path.write_bytes(buffer.getvalue())
    assert -(-path.stat().st_size // PART) == parts
    return path
