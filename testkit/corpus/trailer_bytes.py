"""Trailers of phones behind a picture: Samsung's blocks with their directory, and OnePlus's JSON with its parts."""

import json
import random
import struct

type Blocks = list[tuple[int, bytes, bytes]]
"""Type, name and value of each block."""


def sef(blocks: Blocks, *, version: int = 107) -> bytes:
    """Returns Samsung's trailer: the blocks, then their directory, which gives the distance of each one to it."""
    data = b""
    lengths = []
    for kind, name, value in blocks:
        block = struct.pack("<HHI", 0, kind, len(name)) + name + value
        lengths.append((kind, len(block)))
        data += block
    directory = b"SEFH" + struct.pack("<II", version, len(blocks))
    left = len(data)
    for kind, length in lengths:
        directory += struct.pack("<HHII", 0, kind, left, length)
        left -= length
    return data + directory + struct.pack("<I", len(directory)) + b"SEFT"


def oneplus(parts: dict[str, bytes]) -> bytes:
    """Returns OnePlus's trailer: the parts, a JSON list with the distance of each to it, and its length."""
    data, entries, left = b"".join(parts.values()), [], sum(map(len, parts.values()))
    for name, value in parts.items():
        entries.append({"length": len(value), "name": name, "offset": left, "version": 1})
        left -= len(value)
    listed = json.dumps(entries).encode() + b"\0"
    return data + listed + b"jxrs" + struct.pack("<I", len(listed) + 8)


def edit_settings(chance: random.Random) -> bytes:
    """Returns the JSON of an editor: JSON texts within JSON, as Samsung's Gallery writes it."""
    clip = {"mCenterX": chance.random(), "mCenterY": chance.random(), "mWidth": 1, "mRotation": chance.randint(0, 3)}
    tone = {each: chance.randint(50, 150) for each in ("brightness", "exposure", "contrast", "saturation", "hue")}
    settings = {
        "originalPath": f"/data/sec/photoeditor/0/storage/emulated/0/DCIM/{chance.randrange(10**8)}.jpg",
        "representativeFrameLoc": -1, "startMotionVideo": -1, "clipInfoValue": json.dumps(clip),
        "toneValue": json.dumps(tone), "effectValue": json.dumps({"filterIndication": 4097, "alphaValue": 100}),
        "text": chance.choice(("", "Grüße aus Köln", "東京 <3", "a < b && c > d", "50 % off; #1")), "isBlending": True,
    }  # fmt: skip
    return json.dumps(settings, ensure_ascii=chance.random() < 0.5).encode()
