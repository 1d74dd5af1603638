"""Real videos in the containers and codecs that ffmpeg writes, at most a second of a test pattern each.

A recipe without an encoder in this ffmpeg fails; the list is what Debian 12's ffmpeg can do.
"""

import hashlib
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

MP4, QUICKTIME, MPEG = "video/mp4", "video/quicktime", "video/mpeg"
AVI, WMV, WEBM = "video/x-msvideo", "video/x-ms-wmv", "video/webm"

_PICTURE = "-f lavfi -i testsrc=size=128x96:rate=10:duration=1"
_PAL = "-f lavfi -i testsrc=size=720x576:rate=25:duration=1"
_SOUND = "-f lavfi -i sine=frequency=440:duration=1"
_BOTH = f"{_PICTURE} {_SOUND}"
_KEY = "76a6c65c5ea762046bd749a2e632ccbb"
_X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How ffmpeg makes a sample; `mime` is None if it must be rejected."""

    name: str
    arguments: str
    mime: str | None

    @property
    def file_name(self) -> str:
        digest = hashlib.sha256(self.arguments.encode()).hexdigest()[:12]
        stem, _, extension = self.name.rpartition(".")
        return f"{stem}-{digest}.{extension}"


def _recipes(mime: str | None, lines: str) -> tuple[Recipe, ...]:
    """Parses lines of `name arguments` and fills in {picture}, {both}, {sound}, {pal}, {x264} and {key}."""
    made = []
    for line in lines.strip().splitlines():
        name, arguments = line.split(maxsplit=1)
        filled = arguments.format(picture=_PICTURE, both=_BOTH, sound=_SOUND, pal=_PAL, x264=_X264, key=_KEY)
        made.append(Recipe(name, filled, mime))
    return tuple(made)


_MP4 = _recipes(
    MP4,
    """
moov-at-end.mp4 {both} {x264} -c:a aac
faststart.mp4 {both} {x264} -c:a aac -movflags +faststart
silent.mp4 {picture} {x264}
hevc.mp4 {picture} -c:v libx265 -preset ultrafast -x265-params log-level=none
hvc1.mp4 {picture} -c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1
av1.mp4 {picture} -c:v libsvtav1 -preset 12
vp9.mp4 {picture} -c:v libvpx-vp9 -deadline realtime
mpeg4.mp4 {both} -c:v mpeg4 -c:a libmp3lame
mpeg2.mp4 {picture} -c:v mpeg2video
mpeg1.mp4 {picture} -r 25 -c:v mpeg1video
mjpeg.mp4 {picture} -c:v mjpeg -pix_fmt yuvj420p
fragmented.mp4 {both} {x264} -g 5 -c:a aac -movflags +frag_keyframe+empty_moov
fragmented-default-base.mp4 {both} {x264} -g 5 -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof
fragmented-delay-moov.mp4 {both} {x264} -g 2 -c:a aac -movflags +frag_keyframe+delay_moov
fragmented-first-in-moov.mp4 {both} {x264} -g 2 -c:a aac -movflags +frag_keyframe
fragmented-separate.mp4 {both} {x264} -g 2 -c:a aac -movflags +frag_keyframe+empty_moov+separate_moof
fragmented-skip-trailer.mp4 {both} {x264} -g 2 -c:a aac -movflags +frag_keyframe+empty_moov+skip_trailer
many-fragments.mp4 {both} {x264} -c:a aac -movflags +frag_every_frame+empty_moov
global-sidx.mp4 {both} {x264} -g 2 -c:a aac -movflags +frag_keyframe+dash+global_sidx
dash.mp4 {picture} {x264} -g 5 -movflags +dash+frag_keyframe+empty_moov
cmaf.mp4 {picture} {x264} -g 5 -movflags +cmaf+frag_keyframe+empty_moov
isml.mp4 {picture} {x264} -g 5 -movflags +isml+frag_keyframe+empty_moov
prft.mp4 {picture} {x264} -g 5 -movflags +dash+frag_keyframe+empty_moov -write_prft wallclock
to-a-pipe.mp4 {both} {x264} -c:a aac -movflags +frag_keyframe+empty_moov -f mp4 pipe:1
brand-mp42.mp4 {picture} {x264} -brand mp42
brand-isom.mp4 {picture} {x264} -brand isom
brand-iso5.mp4 {picture} {x264} -brand iso5
brand-iso6.mp4 {picture} {x264} -brand iso6
brand-avc1.mp4 {picture} {x264} -brand avc1
brand-msnv.mp4 {picture} {x264} -brand MSNV
brand-xavc.mp4 {picture} {x264} -brand XAVC
brand-dash.mp4 {picture} {x264} -brand dash
brand-m4vh.mp4 {picture} {x264} -brand M4VH
brand-mmp4.mp4 {picture} {x264} -brand mmp4
brand-unknown.mp4 {picture} {x264} -brand zzzz
psp.mp4 {both} {x264} -c:a aac -ar 48000 -f psp
ipod.m4v {both} {x264} -c:a aac -f ipod
f4v.mp4 {both} {x264} -c:a aac -f f4v
tagged.mp4 {both} {x264} -c:a aac -metadata title=Sommer -metadata comment=Gruesse -movflags +use_metadata_tags
chapters-and-timecode.mp4 {both} {x264} -c:a aac -timecode 00:00:00:00
rtp-hints.mp4 {both} {x264} -c:a aac -movflags +rtphint
two-sounds.mp4 {both} -map 0 -map 1 -map 1 {x264} -c:a aac
moov-reserved.mp4 {both} {x264} -c:a aac -moov_size 100000
edit-list.mp4 {both} {x264} -bf 2 -c:a aac -use_editlist 1
negative-offsets.mp4 {both} {x264} -bf 2 -c:a aac -movflags +negative_cts_offsets
opus.mp4 {both} {x264} -c:a libopus
flac.mp4 {both} {x264} -c:a flac -strict -2
""",
)
_QUICKTIME = _recipes(
    QUICKTIME,
    """
h264.mov {both} {x264} -c:a aac
hevc.mov {both} -c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -c:a aac
faststart.mov {both} {x264} -c:a aac -movflags +faststart
prores.mov {both} -c:v prores_ks -profile:v 0 -c:a pcm_s16le
prores-4444.mov {picture} -c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le
mjpeg.mov {both} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16be
raw.mov {picture} -c:v rawvideo -pix_fmt rgb24
uncompressed.mov {picture} -c:v v210
animation.mov {picture} -c:v qtrle
png.mov {picture} -c:v png
cinepak.mov {picture} -c:v cinepak
dnxhd.mov -f lavfi -i testsrc=size=1280x720:rate=25:duration=0.2 -c:v dnxhd -b:v 60M -pix_fmt yuv422p
dv.mov {pal} -c:v dvvideo
hap.mov {picture} -c:v hap
mpeg4.mov {picture} -c:v mpeg4
mpeg2.mov {picture} -c:v mpeg2video
h263.mov -f lavfi -i testsrc=size=176x144:rate=10:duration=1 -c:v h263
fragmented.mov {both} {x264} -g 5 -c:a aac -movflags +frag_keyframe+empty_moov
timecode.mov {both} {x264} -c:a aac -timecode 00:00:00:00
tagged.mov {both} {x264} -c:a aac -metadata title=Sommer -movflags +use_metadata_tags
""",
)
_AVI = _recipes(
    AVI,
    """
mpeg4.avi {both} -c:v mpeg4 -c:a libmp3lame
xvid.avi {both} -c:v mpeg4 -tag:v XVID -c:a ac3
mjpeg.avi {both} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le
raw.avi {picture} -c:v rawvideo -pix_fmt bgr24
palette.avi {picture} -c:v rawvideo -pix_fmt pal8
h264.avi {both} {x264} -c:a libmp3lame
huffyuv.avi {picture} -c:v huffyuv
ffv1.avi {picture} -c:v ffv1
msmpeg4.avi {picture} -c:v msmpeg4v2
cinepak.avi {picture} -c:v cinepak
dv.avi {pal} -c:v dvvideo
tagged.avi {both} -c:v mpeg4 -c:a libmp3lame -metadata title=Sommer
no-reserved-index.avi {both} -c:v mpeg4 -c:a libmp3lame -reserve_index_space 0
""",
)
_WMV = _recipes(
    WMV,
    """
wmv2.wmv {both} -c:v wmv2 -c:a wmav2
wmv1.wmv {both} -c:v wmv1 -c:a wmav1
silent.wmv {picture} -c:v wmv2
msmpeg4.asf {both} -c:v msmpeg4 -c:a libmp3lame -f asf
h264.asf {both} {x264} -c:a libmp3lame -f asf
to-a-pipe.asf {both} -c:v wmv2 -c:a wmav2 -f asf pipe:1
small-packets.wmv {both} -c:v wmv2 -c:a wmav2 -packet_size 400
tagged.wmv {both} -c:v wmv2 -c:a wmav2 -metadata title=Sommer -metadata WM/Picture=x
""",
)
_WEBM = _recipes(
    WEBM,
    """
vp8.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis
vp9.webm {both} -c:v libvpx-vp9 -deadline realtime -c:a libopus
av1.webm {both} -c:v libsvtav1 -preset 12 -c:a libopus
silent.webm {picture} -c:v libvpx -deadline realtime
live.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -live 1
dash.webm {picture} -c:v libvpx-vp9 -deadline realtime -dash 1
small-clusters.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -cluster_time_limit 100
tiny-clusters.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -cluster_size_limit 200
index-in-front.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -reserve_index_space 20000
cues-to-front.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -cues_to_front 1
to-a-pipe.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -f webm pipe:1
no-checksums.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -write_crc32 0
transparent.webm {picture} -c:v libvpx -deadline realtime -pix_fmt yuva420p -auto-alt-ref 0
tagged.webm {both} -c:v libvpx -deadline realtime -c:a libvorbis -metadata title=Sommer
""",
)
_MPEG = _recipes(
    MPEG,
    """
mpeg1.mpg {both} -r 25 -c:v mpeg1video -c:a mp2 -f mpeg
mpeg2.mpg {both} -c:v mpeg2video -c:a mp2 -f vob
silent.mpg {picture} -r 25 -c:v mpeg1video -f mpeg
dvd.mpg {pal} {sound} -c:v mpeg2video -c:a ac3 -f dvd
svcd.mpg {pal} {sound} -target pal-svcd
vcd.mpg {pal} {sound} -target pal-vcd
pal-dvd.vob {pal} {sound} -target pal-dvd
linear-sound.vob {pal} {sound} -c:v mpeg2video -c:a pcm_dvd -ar 48000 -ac 2 -f vob
high-rate.mpg {pal} -c:v mpeg2video -q:v 1 -f vob
long.mpg -f lavfi -i testsrc=size=320x240:rate=25:duration=10 -c:v mpeg1video -q:v 4 -f mpeg
h264.mpg {pal} {x264} -f vob
""",
)
_REFUSED = _recipes(
    None,
    """
encrypted.mp4 {picture} {x264} -encryption_scheme cenc-aes-ctr -encryption_key {key} -encryption_kid {key}
matroska.mkv {both} {x264} -c:a aac
matroska-vp9.mkv {picture} -c:v libvpx-vp9 -deadline realtime
sound.webm {sound} -c:a libopus -vn
sound.mp4 {sound} -c:a aac -vn
sound.m4a {sound} -c:a aac -vn
sound.mov {sound} -c:a aac -vn
sound.wma {sound} -c:a wmav2 -vn -f asf
sound.avi {sound} -c:a libmp3lame -vn
sound.mpg {sound} -c:a mp2 -vn -f mpeg
sound.mp3 {sound} -c:a libmp3lame
sound.wav {sound}
sound.ogg {sound} -c:a libvorbis
sound.flac {sound}
sound.aac {sound} -c:a aac -f adts
phone.3gp -f lavfi -i testsrc=size=176x144:rate=10:duration=1 {sound} -c:v h263 -c:a aac -f 3gp
phone.3g2 -f lavfi -i testsrc=size=176x144:rate=10:duration=1 {sound} -c:v h263 -c:a aac -f 3g2
transport.ts {both} -c:v mpeg2video -c:a mp2
camcorder.m2ts {both} {x264} -c:a ac3 -mpegts_m2ts_mode 1 -f mpegts
flash.flv {picture} -c:v flv
h264.264 {picture} {x264} -f h264
ogg-video.nut {picture} -c:v mpeg4
still.avif {picture} -frames:v 1 -c:v libaom-av1 -cpu-used 8 -still-picture 1
dv.dv {pal} -c:v dvvideo
bare-mpeg1.mpg {picture} -r 25 -c:v mpeg1video -f mpeg1video
bare-mpeg2.mpg {picture} -c:v mpeg2video -f mpeg2video
bare-long.m2v {pal} -c:v mpeg2video -q:v 1 -f mpeg2video
network-chunks.asf {both} -c:v wmv2 -c:a wmav2 -f asf_stream
material.mxf {pal} -c:v mpeg2video
h264-labelled.webm {picture} {x264} -f matroska
""",
)
RECIPES = (*_MP4, *_QUICKTIME, *_AVI, *_WMV, *_WEBM, *_MPEG, *_REFUSED)


def ffmpeg_present() -> bool:
    return shutil.which("ffmpeg") is not None


def ffmpeg_samples(cache_dir: Path) -> dict[Recipe, Path]:
    """Returns the samples, made if the cache lacks them; a changed recipe has another file name."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        paths = list(pool.map(lambda recipe: _make(recipe, cache_dir), RECIPES))
    return dict(zip(RECIPES, paths, strict=True))


def _make(recipe: Recipe, cache_dir: Path) -> Path:
    path = cache_dir / recipe.file_name
    if path.exists():
        return path
    # ffmpeg derives the container from the extension; another worker may be making the same file
    partial = path.with_stem(f"{path.stem}.{os.getpid()}")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *recipe.arguments.split()]
    if recipe.arguments.endswith("pipe:1"):
        with partial.open("wb") as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, timeout=120, check=False)
    else:
        done = subprocess.run([*command, str(partial)], capture_output=True, timeout=120, check=False)
    if done.returncode:
        partial.unlink(missing_ok=True)
        raise RuntimeError(f"ffmpeg cannot make {recipe.name}: {done.stderr.decode(errors='replace')}")
    partial.rename(path)
    return path
