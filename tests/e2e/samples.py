"""Small sample files: a valid one of each accepted type, and an executable."""

import io
import subprocess
from pathlib import Path

from PIL import Image

VIDEO_RECIPES = {
    "video/mp4": ("mp4", "-c:v libx264 -pix_fmt yuv420p"),
    "video/quicktime": ("mov", "-c:v libx264 -pix_fmt yuv420p"),
    "video/mpeg": ("mpg", "-c:v mpeg2video"),
    "video/x-msvideo": ("avi", "-c:v mpeg4"),
    "video/x-ms-wmv": ("wmv", "-c:v wmv2"),
    "video/webm": ("webm", "-c:v libvpx"),
}
IMAGE_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>'
ELF = b"\x7fELF\x02\x01\x01" + bytes(2000)


def image(mime: str, colour: int = 0, side: int = 48) -> bytes:
    """Returns a valid image. Another colour or side gives other bytes."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (colour % 256, 90, 160)).save(buffer, IMAGE_FORMATS[mime])
    return buffer.getvalue()


def jpeg(colour: int = 0, side: int = 48) -> bytes:
    return image("image/jpeg", colour, side)


def video(mime: str, directory: Path) -> bytes:
    """Returns one second of ffmpeg's test picture."""
    extension, codec = VIDEO_RECIPES[mime]
    path = directory / f"sample.{extension}"
    source = "testsrc=size=128x96:rate=25:duration=1"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, *codec.split(), str(path)],
        check=True,
        timeout=60,
    )
    return path.read_bytes()
