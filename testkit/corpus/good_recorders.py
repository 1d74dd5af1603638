"""Videos as recorders, phones and dashcams leave them: with zeros, trailers and sizes that are somewhat wrong."""

import random
import struct
from collections.abc import Iterator

from testkit.corpus.isobmff_bytes import box, film, ftyp
from testkit.corpus.riff_bytes import avi_parts, chunk, listing, riff
from testkit.corpus.sample import AVI, MOV, MP4, MPEG, WEBM, WMV, Sample, good
from testkit.corpus.tools import clip

EACH = 20
"""Files of each kind. They differ by a seeded choice, so that no rule fits one file only."""

INSTA360_MAGIC = b"8db42d694ccc418790edff439fe026bf"
_ISO = (b"isom", b"iso2", b"mp41", b"mp42", b"avc1")
_HEAD = ftyp(b"isom", b"isom", b"mp42")


def samples() -> Iterator[Sample]:
    yield from _padded()
    for number in range(EACH):
        dice = random.Random(f"recorders {number}")  # variety, not secrets
        yield from _isobmff(dice, number)
        yield from _avi(dice, number)


def movies() -> dict[str, bytes]:
    """Returns a plain video of each container."""
    return {
        MP4: film().last(_HEAD),
        MOV: film("mov").last(ftyp(b"qt  ", b"qt  ")),
        AVI: clip("avi", "-c:v mjpeg -pix_fmt yuvj420p"),
        WMV: clip("wmv", "-c:v wmv2"),
        MPEG: clip("mpg", "-c:v mpeg2video -r 25 -f vob", audio="-c:a mp2"),
        WEBM: clip("webm", "-c:v libvpx -deadline good -cpu-used 5"),
    }


def _padded() -> Iterator[Sample]:
    dice = random.Random("zeros behind")
    for mime, content in movies().items():
        lengths = [1, 3, 512, 4095, 4097, 65_536, 100_000, 1_000_000, 1024 * 1024]
        lengths += [dice.randrange(1, 1024 * 1024) for _ in range(EACH - len(lengths))]
        for number, length in enumerate(lengths):
            name = f"zeros-behind/{mime.partition('/')[2]}-{number:02}"
            yield good(name, mime, (content, length), "the recorder had reserved room")


def _isobmff(dice: random.Random, number: int) -> Iterator[Sample]:
    mime, head = dice.choice(((MP4, _HEAD), (MOV, ftyp(b"qt  ", b"qt  "))))
    media = film("mp4" if mime == MP4 else "mov")
    whole = media.last(head) if dice.randrange(2) else media.first(head)
    why = "a camera wrote its own data behind the film"
    yield good(f"trailer/insta360-{number:02}", mime, whole + insta360(dice, number), why)
    yield good(f"trailer/kenwood-{number:02}", mime, whole + kenwood(dice), why)
    yield good(f"trailer/auto-vox-{number:02}", mime, whole + auto_vox(dice), why)
    yield good(f"trailer/cobra-{number:02}", mime, whole + overrunning(dice), "the last box is longer than the file")
    brands = dice.sample(_ISO, dice.randint(1, 4)) + dice.sample((b"3gp4", b"3gp5", b"3gp6"), 1)
    dice.shuffle(brands)
    phone = ftyp(dice.choice((b"3gp4", b"3gp5", b"3gp6")), *brands, minor=dice.choice((0, 512, 0x100)))
    codec = dice.choice(("-c:v libx264 -pix_fmt yuv420p", "-c:v mpeg4"))
    yield good(
        f"brand-3gp/{number:02}", MP4, film("mp4", codec).last(phone), "phones of 2020 write the brand of 3GPP first"
    )


def insta360(dice: random.Random, number: int) -> bytes:
    """Returns records, each followed by its kind and length, and the footer with the length of all."""
    kinds = ((0x300, 56), (0x400, 16), (0x600, 8), (0x700, 53), (0x101, 1))
    records = b""
    if number % 4 == 0:
        preview = clip("jpg", "-frames:v 1")
        records += preview + struct.pack("<HI", 0x200, len(preview))
    for kind, length in dice.sample(kinds, dice.randint(1, 4)):
        body = dice.randbytes(length * dice.randint(1, 60))
        records += body + struct.pack("<HI", kind, len(body))
    footer = bytes(dice.choice((26, 32)))
    length = len(records) + len(footer) + 40
    return records + footer + struct.pack("<II", length, dice.choice((2, 3))) + INSTA360_MAGIC


def kenwood(dice: random.Random) -> bytes:
    """Returns positions as text, in records of 121 bytes after fourteen `C`, or in blocks of 512 bytes."""
    out = b"C" * 14
    block = dice.choice((0, 512))
    for second in range(dice.randint(1, 90)):
        values = [dice.uniform(-99, 99) for _ in range(7)]
        numbers = b"".join(f"{value:.14f}"[:14].encode() for value in values[2:])
        place = f"{dice.choice('NS')}{abs(values[0]):.13f}"[:14] + f"{dice.choice('EW')}{abs(values[1]):.13f}"[:14]
        out += b"GPSDATA--" + f"20240711120{second // 60 % 10}{second % 60:02}".encode() + place.encode() + numbers
        if block and len(out) % block > block - 121:
            out += bytes(-len(out) % block) + b"C" * 14
    return out


def auto_vox(dice: random.Random) -> bytes:
    """Returns chunks as in RIFF, with the positions and accelerations of the drive."""
    fix = struct.pack("<4sddHHBB", b"AITG", dice.uniform(0, 90), dice.uniform(0, 90), 0xFFFF, 0, 56, 0)
    chunks = [(b"gpsa", struct.pack("<I", 0x2001)), (b"gps0", fix * dice.randint(1, 200))]
    chunks += [(b"gsea", bytes(20)), (b"gsen", dice.randbytes(6 * dice.randint(1, 300)))]
    chunks = chunks[: dice.randint(1, 4)]
    out = b"".join(kind + struct.pack("<I", len(body)) + body for kind, body in chunks)
    return out + bytes(dice.choice((0, 4, 8, 4000)))


def overrunning(dice: random.Random) -> bytes:
    """Returns positions and accelerations in boxes, of which the last says that it is longer than it is."""
    body = dice.randbytes(32 * dice.randint(1, 200))
    size = len(body) + 8 + dice.choice((1, 8, 16, 32, 4096, 0x100000))
    kind = dice.choice((b"gps0", b"gps0", b"gsen"))
    return (box(b"gsen", bytes(60)) if dice.randrange(2) else b"") + struct.pack(">I4s", size, kind) + body


def _avi(dice: random.Random, number: int) -> Iterator[Sample]:
    codec = dice.choice(("-c:v mjpeg -pix_fmt yuvj420p", "-c:v mpeg4"))
    parts = avi_parts(codec, dice.choice(("-c:a pcm_u8", "-c:a pcm_s16le")))
    header, index = chunk(b"LIST", parts[b"hdrl"]), chunk(b"idx1", parts[b"idx1"])
    media = chunk(b"LIST", parts[b"movi"])
    junk = chunk(b"JUNK", bytes(dice.randrange(2000)))
    whole = riff(b"AVI ", header, junk, media, index)
    short = dice.choice((78, 70, 8, 12, dice.randrange(1, 200)))
    size = len(whole) - 8 - short
    cut = whole[:4] + struct.pack("<I", size) + whole[8:]
    yield good(f"avi-edited/short-size-{number:02}", AVI, cut, "Godot writes the size of the first list")
    zeros = [bytes(dice.choice((0, 4, 4, 8, 2, 100))) for _ in range(3)]
    gaps = riff(b"AVI ", header, zeros[0], listing(b"INFO", chunk(b"ISFT", b"VLC")), zeros[1], media, zeros[2], index)
    yield good(f"avi-edited/zeros-between-{number:02}", AVI, gaps, "VLC pads between the chunks")
    inner = b"movi" + bytes(dice.choice((4, 8))) + parts[b"movi"][4:]
    yield good(
        f"avi-edited/zeros-in-media-{number:02}", AVI, riff(b"AVI ", header, chunk(b"LIST", inner), index), "as above"
    )
    info, noise = listing(b"INFO", chunk(b"ISFT", b"x")), chunk(b"JUNK", dice.randbytes(3000))
    behind = dice.choice((index, junk, info + index, index + junk, junk + index, index + noise))
    yield good(f"avi-edited/index-behind-{number:02}", AVI, riff(b"AVI ", header, media) + behind, "written afterwards")
    form = dice.choice((b"GPS ", b"INFO", b"NVTL", b"DATA", b"GSEN"))
    data = riff(form, *(chunk(b"gps0", dice.randbytes(dice.randrange(400))) for _ in range(dice.randint(1, 5))))
    yield good(f"avi-edited/second-riff-{number:02}", AVI, whole + data, "a dashcam's positions in a private form")
