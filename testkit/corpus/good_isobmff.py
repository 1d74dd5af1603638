"""MP4 and QuickTime files with the layouts of phones, cameras, editors and browsers, from real media."""

import struct
from collections.abc import Iterator

from testkit.corpus.isobmff_bytes import box, boxes, data_track, film, ftyp, full, keyed_metadata
from testkit.corpus.sample import MOV, MP4, Sample, good
from testkit.corpus.tools import clip

_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
_BRANDS: dict[str, tuple[bytes, ...]] = {
    "isom": (b"isom", b"isom", b"iso2", b"avc1", b"mp41"),
    "iso2": (b"iso2", b"iso2", b"avc1"),
    "iso3": (b"iso3", b"iso3"),
    "iso4": (b"iso4", b"iso4", b"isom"),
    "iso5": (b"iso5", b"iso5", b"mp41"),
    "iso6": (b"iso6", b"iso6", b"mp41"),
    "iso8": (b"iso8", b"iso8", b"mp41"),
    "mp41": (b"mp41", b"mp41", b"isom"),
    "mp42": (b"mp42", b"mp42", b"isom"),
    "mp42-only": (b"mp42",),
    "avc1": (b"avc1", b"avc1", b"isom"),
    "dash": (b"dash", b"iso6", b"avc1", b"mp41"),
    "m4v": (b"M4V ", b"M4V ", b"mp42", b"isom"),
    "m4vh": (b"M4VH", b"M4VH", b"M4V ", b"mp42", b"isom"),
    "m4v-with-audio-brands": (b"M4V ", b"M4V ", b"M4A ", b"mp42", b"isom"),
    "msnv": (b"MSNV", b"MSNV", b"mp42", b"isom"),
    "xavc": (b"XAVC", b"XAVC", b"mp42", b"iso2"),
    "android-old": (b"isom", b"isom", b"3gp4"),
    "android": (b"mp42", b"isom", b"mp42"),
    "samsung": (b"mp42", b"isom", b"mp42", b"3gp4"),
    "hevc-phone": (b"mp42", b"isom", b"mp42", b"hvc1"),
    "whatsapp": (b"mp42", b"mp41", b"mp42", b"isom"),
    "canon": (b"mp42", b"avc1", b"mp42", b"CAEP"),
    "cmaf": (b"cmfc", b"iso6", b"cmfc", b"dash"),
    "hybrid-safari": (b"iso5", b"iso5", b"hlsf"),
}
_NRT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:'
    b'ver.2.00" lastUpdate="2024-05-01T10:00:00+02:00"><Duration value="10"/><Device manufacturer="Sony" '
    b'modelName="ILCE-7M4" serialNo="4294967295"/></NonRealTimeMeta>'
)
_XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/" '
    b'x:xmptk="Adobe XMP Core 9.0">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Adobe Premiere Pro 2024.0 (Windows)"/></rdf:RDF>'
    b"</x:xmpmeta>" + b" " * 200 + b'<?xpacket end="w"?>'
)
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_SPHERICAL_UUID = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
_SONY_UUID = bytes.fromhex("50524f4621d24fcebb88695cfac9c740")


def samples() -> Iterator[Sample]:
    media = film()
    for name, brands in _BRANDS.items():
        head = ftyp(*brands)
        yield good(
            f"mp4/brand-{name}", MP4, media.last(head), "a registered brand of MP4 video (mp4ra.org) or in wide use"
        )
    yield from _mp4_layouts()
    yield from _recorders()
    yield from _quicktime()
    yield from _huge()


def _mp4_layouts() -> Iterator[Sample]:
    media, head = film(), ftyp(b"isom", b"isom", b"mp42")
    free, why = box(b"free", bytes(100)), "ISO/IEC 14496-12 allows these boxes at top level in this order"
    yield good("mp4/wide-mdat-size", MP4, media.last(head, wide=True), "64-bit box sizes are allowed everywhere")
    yield good("mp4/wide-ftyp-size", MP4, media.last(box(b"ftyp", b"mp42", bytes(4), b"isom", wide=True)), why)
    yield good("mp4/free-first", MP4, media.last(free + head), why)
    yield good("mp4/skip-between", MP4, media.first(head, between=box(b"skip", bytes(3000))), why)
    yield good("mp4/empty-free", MP4, media.first(head, between=box(b"free")), "a box of 8 bytes is the smallest one")
    yield good("mp4/large-free-before-moov", MP4, media.first(head + box(b"free", bytes(200_000))), why)
    yield good(
        "mp4/gpac-free", MP4, media.last(head, tail=box(b"free", b"IsoMedia File Produced with GPAC 2.2\0")), why
    )
    yield good("mp4/trailing-skip", MP4, media.last(head, tail=box(b"skip", bytes(512))), why)
    open_ended = media.first(head)
    at = open_ended.rindex(b"mdat") - 4
    yield good("mp4/mdat-to-the-end", MP4, open_ended[:at] + bytes(4) + open_ended[at + 4 :], "size 0: until the end")
    moved = media.last(box(b"skip", bytes(300)) + head)
    yield good("mp4/skip-first", MP4, moved, "free space may stand anywhere")
    for kind in (b"wide", b"bloc", b"udta", b"Xtra"):
        yield good(
            f"mp4/top-level-{kind.decode()}", MP4, media.last(head, between=box(kind)), "unknown boxes are skipped"
        )
    meta = full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(13)))
    yield good("mp4/top-level-meta", MP4, media.last(head, between=meta), why)


def _recorders() -> Iterator[Sample]:
    media, isom = film(), ftyp(b"isom", b"isom", b"iso2", b"avc1", b"mp41", minor=512)
    xmp, sphere = box(b"uuid", _XMP_UUID, _XMP), box(b"uuid", _SPHERICAL_UUID, _XMP)
    yield good("mp4/premiere-xmp", MP4, media.last(isom, tail=xmp), "Adobe writes XMP into a uuid box at the end")
    yield good("mp4/spherical", MP4, media.last(isom, extra=(sphere,)), "360° cameras mark their films by a uuid box")
    location = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", 17, 0x15C7), b"+52.5200+013.4050/"))
    yield good(
        "mp4/android-location", MP4, media.last(isom, extra=(location,)), "Android writes where it was into udta"
    )
    android = keyed_metadata(com_android_version="14", com_android_capture_fps="30")
    yield good("mp4/android-keys", MP4, media.last(isom, extra=(android,)), "Android's keyed metadata")
    gopro = box(b"udta", box(b"FIRM", b"HD9.01.01.72.00"), box(b"LENS", b"LAM9040130304361"), box(b"GPMF", bytes(64)))
    track = data_track(3, b"meta", b"gpmd", 48, 64)
    yield good(
        "mp4/gopro", MP4, media.last(ftyp(b"mp41", b"mp41", minor=538120216), extra=(track, gopro)), "GoPro's tracks"
    )
    timed = data_track(3, b"meta", b"mett", 48, 16)
    yield good(
        "mp4/dji", MP4, media.last(isom, extra=(timed, box(b"udta", box(b"\xa9mdl", b"FC3582")))), "DJI's telemetry"
    )
    sony_head = ftyp(b"XAVC", b"XAVC", b"mp42", b"iso2", minor=0x01001FFF) + box(b"uuid", _SONY_UUID, bytes(128))
    sony_tail = full(b"meta", full(b"hdlr", bytes(4), b"nrtm", bytes(13)), full(b"xml ", _NRT + b"\0"))
    rtmd = data_track(3, b"meta", b"rtmd", 48, 64)
    yield good("mp4/sony-xavc", MP4, media.last(sony_head, extra=(rtmd, sony_tail)), "Sony's XML of the recording")
    yield good("mp4/sony-xavc-top", MP4, media.last(sony_head, tail=sony_tail), "Sony's XML at top level")
    beam = box(b"beam", b"\x01" + b"0123456789abcdef" * 2)
    yield good(
        "mp4/whatsapp-beam", MP4, media.first(ftyp(b"mp42", b"mp41", b"mp42", b"isom") + beam), "WhatsApp's own box"
    )
    html = full(b"hdlr", bytes(4), b"mdir", b"appl", bytes(9))
    note = b"1 < 2 & tags <b> by Ann <ann@example.org>, see https://example.org/?a=1"
    tags = box(b"ilst", box(b"\xa9cmt", box(b"data", struct.pack(">II", 1, 0), note)))
    comment = box(b"udta", full(b"meta", html, tags))
    yield good(
        "mp4/comment-with-brackets", MP4, media.last(isom, extra=(comment,)), "ordinary comment with angle brackets"
    )
    cover = clip("png", "-frames:v 1")
    art = box(b"ilst", box(b"covr", box(b"data", struct.pack(">II", 14, 0), cover)))
    yield good(
        "mp4/cover-art", MP4, media.last(isom, extra=(box(b"udta", full(b"meta", html, art)),)), "iTunes cover art"
    )
    chapters = box(b"udta", full(b"chpl", bytes(4), b"\x01" + bytes(8) + b"\x05Start"))
    yield good("mp4/nero-chapters", MP4, media.last(isom, extra=(chapters,)), "Nero's chapter list")
    subtitled = clip(
        "mp4", f"{_H264} -movflags +faststart -metadata:s:v handler_name=Core+Media+Video", audio="-c:a aac"
    )
    yield good("mp4/core-media", MP4, subtitled, "the handler name of Apple's framework")


def _quicktime() -> Iterator[Sample]:
    media, qt, wide = film("mov", _H264), ftyp(b"qt  ", b"qt  "), box(b"wide")
    why = "QuickTime File Format allows it, and cameras and QuickTime itself write it"
    yield good("mov/ftyp-wide-mdat-moov", MOV, media.last(qt + wide), "the layout of iPhones")
    yield good("mov/no-ftyp-mdat-moov", MOV, media.last(b""), "before 2004 there was no ftyp")
    yield good("mov/no-ftyp-wide-mdat-moov", MOV, media.last(wide), "classic QuickTime: wide reserves a long size")
    yield good("mov/no-ftyp-moov-mdat", MOV, media.first(b""), "classic QuickTime, flattened")
    yield good("mov/no-ftyp-free-moov", MOV, media.first(box(b"free", bytes(500))), why)
    yield good("mov/no-ftyp-skip", MOV, media.last(box(b"skip", bytes(64))), why)
    yield good("mov/wide-size", MOV, media.last(qt, wide=True), "long takes have 64-bit sizes")
    preview = box(b"pnot", struct.pack(">IH4sH", 0xE0000000, 0, b"PICT", 1)) + box(b"PICT", bytes(600))
    yield good("mov/preview-first", MOV, media.last(preview), "old cameras and QuickTime put a preview first")
    yield good("mov/preview-last", MOV, media.last(b"", tail=preview), "QuickTime appended previews")
    yield good("mov/old-minor-version", MOV, media.last(ftyp(b"qt  ", b"qt  ", minor=0x20050300)), "QuickTime 7's ftyp")
    yield good(
        "mov/padded-brands", MOV, media.last(ftyp(b"qt  ", b"qt  ", bytes(4), bytes(4), bytes(4))), "QuickTime pads"
    )
    for camera, brand in {"nikon": b"niko", "panasonic": b"pana", "canon": b"CAEP"}.items():
        yield good(f"mov/{camera}", MOV, media.last(ftyp(b"qt  ", b"qt  ", brand)), "the camera's own compatible brand")
    keys = keyed_metadata(
        com_apple_quicktime_make="Apple", com_apple_quicktime_model="iPhone 15 Pro",
        com_apple_quicktime_software="17.4.1", com_apple_quicktime_location_ISO6709="+52.5200+013.4050+034.000/",
    )  # fmt: skip
    tracks = tuple(data_track(number, b"meta", b"mebx", 48, 16) for number in (3, 4, 5))
    yield good("mov/iphone", MOV, media.last(qt + wide, extra=(*tracks, keys)), "an iPhone's tracks and metadata")
    hevc = film("mov", "-c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1", "-c:a aac")
    yield good("mov/iphone-hevc", MOV, hevc.last(qt + wide, extra=(*tracks, keys)), "an iPhone's HEVC film")
    user = box(b"udta", box(b"\xa9swr", b"\0\x08\0\0QuickTim"), box(b"WLOC", bytes(4)), bytes(4))
    yield good(
        "mov/user-data-zero-end", MOV, media.last(qt, extra=(user,)), "a list of user data may end in 32 zero bits"
    )
    xmp = box(b"udta", box(b"XMP_", _XMP))
    yield good("mov/premiere-xmp", MOV, media.last(qt + wide, extra=(xmp,)), "Adobe writes XMP into udta")
    nikon = box(b"udta", box(b"NCDT", box(b"NCHD", b"NIKON D800\0\0"), box(b"NCTG", bytes(200))))
    yield good("mov/nikon-tags", MOV, media.last(qt, extra=(nikon,)), "Nikon's tags")


def _huge() -> Iterator[Sample]:
    """Yields sparse files of hundreds of megabytes: the cost of an inspection must not depend on the size."""
    media = film()
    head, hole = ftyp(b"isom", b"isom", b"mp42"), 480_000_000
    fast = media.first(head)
    at = fast.index(b"mdat") - 4
    total = struct.pack(">I", len(media.media) + 8 + hole)
    yield good("mp4/480-mb-faststart", MP4, (fast[:at] + total + fast[at + 4 :], hole), "media may hold unused bytes")
    moov = media.moov_for(len(head) + 16)
    start = head + struct.pack(">I4sQ", 1, b"mdat", len(media.media) + 16 + hole) + media.media
    yield good("mp4/480-mb-moov-last", MP4, (start, hole, moov), "what a phone films in some minutes")
    quicktime = film("mov", _H264)
    qt = ftyp(b"qt  ", b"qt  ") + box(b"wide")
    start = qt + struct.pack(">I4s", len(quicktime.media) + 8 + hole, b"mdat") + quicktime.media
    yield good("mov/480-mb-moov-last", MOV, (start, hole, quicktime.moov_for(len(qt) + 8)), "what an iPhone films")
    many = b"".join(box(b"free", bytes(8)) for _ in range(50))
    yield good("mp4/many-free", MP4, media.first(head + many), "editors leave free boxes behind")
    fragments = clip("mp4", f"{_H264} -g 1 -movflags frag_keyframe+empty_moov", seconds="5")
    count = sum(1 for kind, _, _ in boxes(fragments) if kind == b"moof")
    yield good("mp4/many-fragments", MP4, fragments, f"{count} fragments, as a browser's recorder writes")
