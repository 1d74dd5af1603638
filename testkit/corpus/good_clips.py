"""Videos from ffmpeg's muxers: the codecs and layouts that common software writes into the six containers."""

from collections.abc import Iterator

from testkit.corpus.sample import AVI, MOV, MP4, MPEG, WEBM, WMV, Sample, good
from testkit.corpus.tools import clip

_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
_AAC, _MP2, _MP3 = "-c:a aac", "-c:a mp2", "-c:a libmp3lame"
_VP8, _VP9 = "-c:v libvpx -deadline good -cpu-used 5", "-c:v libvpx-vp9 -deadline good -cpu-used 5"
_AV1 = "-c:v libaom-av1 -cpu-used 8"
_X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=error"
_PCM = "-c:a pcm_s16le"

_MP4_CLIPS = {
    "h264-aac": (_H264, _AAC),
    "h264-silent": (_H264, ""),
    "faststart": (f"{_H264} -movflags +faststart", _AAC),
    "fragmented": (f"{_H264} -g 2 -movflags frag_keyframe+empty_moov", _AAC),
    "fragmented-default-base-moof": (f"{_H264} -g 2 -movflags frag_keyframe+empty_moov+default_base_moof", _AAC),
    "fragmented-first-in-moov": (f"{_H264} -g 2 -movflags frag_keyframe", _AAC),
    "fragmented-separate-moof": (f"{_H264} -g 2 -movflags frag_keyframe+empty_moov+separate_moof", _AAC),
    "dash": (f"{_H264} -g 2 -movflags +dash+frag_keyframe", ""),
    "dash-global-sidx": (f"{_H264} -g 2 -movflags +dash+global_sidx+frag_keyframe", ""),
    "cmaf": (f"{_H264} -g 2 -movflags +cmaf+frag_keyframe", ""),
    "every-frame-a-fragment": (f"{_H264} -movflags frag_every_frame+empty_moov", ""),
    "hevc-hvc1": (f"{_X265} -tag:v hvc1", _AAC),
    "hevc-hev1": (f"{_X265} -tag:v hev1", _AAC),
    "hevc-10-bit": (f"{_X265} -pix_fmt yuv420p10le -tag:v hvc1", ""),
    "av1-opus": (_AV1, "-c:a libopus"),
    "vp9": (_VP9, _AAC),
    "mpeg4-part2": ("-c:v mpeg4", _AAC),
    "xvid": ("-c:v libxvid", _MP3),
    "mpeg2-in-mp4": ("-c:v mpeg2video -r 25", _AAC),
    "mjpeg-in-mp4": ("-c:v mjpeg -pix_fmt yuvj420p", _AAC),
    "ac3": (_H264, "-c:a ac3"),
    "mp3": (_H264, _MP3),
    "opus": (_H264, "-c:a libopus"),
    "alac": (_H264, "-c:a alac"),
    "flac": (f"{_H264} -strict -2", "-c:a flac"),
    "h264-444": ("-c:v libx264 -pix_fmt yuv444p", ""),
    "h264-10-bit": ("-c:v libx264 -pix_fmt yuv420p10le", ""),
    "one-frame": (f"{_H264} -frames:v 1", ""),
    "no-edit-list": (f"{_H264} -use_editlist 0", _AAC),
    "b-frames-negative-cts": (f"{_H264} -bf 2 -movflags negative_cts_offsets", _AAC),
    "tags": (f"{_H264} -metadata title=Beach -metadata comment=A&B<C -metadata artist=Ann -metadata date=2024", _AAC),
    "keyed-metadata": (f"{_H264} -movflags use_metadata_tags -metadata com.android.version=14", _AAC),
    "rotated": (f"{_H264} -metadata:s:v rotate=90", _AAC),
    "timecode": (f"{_H264} -timecode 01:00:00:00", _AAC),
    "large-frame": (f"{_H264} -s 1920x1080 -frames:v 2", ""),
    "muxer-brand-mp41": (f"{_H264} -brand mp41", _AAC),
    "reserved-moov": (f"{_H264} -moov_size 20000", _AAC),
}
_MOV_CLIPS = {
    "h264-aac": (_H264, _AAC),
    "h264-pcm": (_H264, _PCM),
    "faststart": (f"{_H264} -movflags +faststart", _AAC),
    "fragmented": (f"{_H264} -g 2 -movflags frag_keyframe+empty_moov", _AAC),
    "hevc": (f"{_X265} -tag:v hvc1", _AAC),
    "prores": ("-c:v prores_ks", "-c:a pcm_s24le"),
    "prores-4444": ("-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le -frames:v 2", ""),
    "dnxhr": ("-c:v dnxhd -profile:v dnxhr_lb -s 256x128 -pix_fmt yuv422p", ""),
    "mjpeg": ("-c:v mjpeg -pix_fmt yuvj422p", "-c:a pcm_u8"),
    "animation": ("-c:v qtrle", ""),
    "cinepak": ("-c:v cinepak", ""),
    "sorenson1": ("-c:v svq1", "-c:a adpcm_ima_qt"),
    "h263": ("-c:v h263 -s 176x144", ""),
    "dv": ("-c:v dvvideo -s 720x576 -r 25 -pix_fmt yuv420p -frames:v 2", "-c:a pcm_s16le"),
    "raw-2vuy": ("-c:v rawvideo -pix_fmt uyvy422 -frames:v 2", ""),
    "v210": ("-c:v v210 -frames:v 2", ""),
    "png": ("-c:v png -frames:v 2", ""),
    "road-pizza": ("-c:v rpza", ""),
    "mpeg4-part2": ("-c:v mpeg4", "-c:a pcm_s16be"),
    "mpeg2": ("-c:v mpeg2video -r 25", ""),
    "timecode": (f"{_H264} -timecode 10:00:00:00", _PCM),
    "keyed-metadata": (f"{_H264} -movflags use_metadata_tags -metadata com.apple.quicktime.model=iPhone", _AAC),
    "alac": (_H264, "-c:a alac"),
}
_MPEG_CLIPS = {
    "mpeg1": ("mpg", "-c:v mpeg1video -r 25 -f mpeg", _MP2),
    "mpeg1-silent": ("mpg", "-c:v mpeg1video -r 25 -f mpeg", ""),
    "mpeg2": ("mpg", "-c:v mpeg2video -r 25 -f mpeg", _MP2),
    "mpeg2-vob": ("vob", "-c:v mpeg2video -r 25 -f vob", "-c:a ac3"),
    "mpeg2-vob-mp2": ("vob", "-c:v mpeg2video -r 29.97 -f vob", _MP2),
    "mpeg2-vob-lpcm": ("vob", "-c:v mpeg2video -r 25 -f vob", "-c:a pcm_dvd"),
    "mpeg2-dvd": ("vob", "-target pal-dvd", "-c:a ac3"),
    "mpeg1-vcd": ("mpg", "-target pal-vcd", ""),
    "mpeg1-vcd-ntsc": ("mpg", "-target ntsc-vcd", _MP2),
    "mpeg2-svcd": ("mpg", "-target pal-svcd", _MP2),
    "mpeg2-silent": ("mpg", "-c:v mpeg2video -r 25 -f mpeg", ""),
    "mpeg2-progressive-422": ("mpg", "-c:v mpeg2video -r 25 -pix_fmt yuv422p -f vob", _MP2),
    "mpeg2-interlaced": ("mpg", "-c:v mpeg2video -r 25 -flags +ilme+ildct -f vob", _MP2),
    "mpeg2-long": ("mpg", "-c:v mpeg2video -r 25 -t 2 -f mpeg -muxpreload 1", _MP2),
    "mpeg2-hd": ("mpg", "-c:v mpeg2video -r 25 -s 1440x1080 -frames:v 3 -f vob", _MP2),
}
_AVI_CLIPS = {
    "divx": ("-c:v mpeg4 -tag:v DIVX", _MP3),
    "xvid": ("-c:v libxvid -tag:v XVID", _MP3),
    "mjpeg": ("-c:v mjpeg -pix_fmt yuvj422p", "-c:a pcm_u8"),
    "mjpeg-silent": ("-c:v mjpeg -pix_fmt yuvj420p", ""),
    "msmpeg4v2": ("-c:v msmpeg4v2", _PCM),
    "divx3": ("-c:v msmpeg4 -tag:v DIV3", _MP3),
    "video1": ("-c:v msvideo1 -pix_fmt rgb555le", _PCM),
    "huffyuv": ("-c:v huffyuv -pix_fmt yuv422p", _PCM),
    "ffv1": ("-c:v ffv1", ""),
    "utvideo": ("-c:v utvideo", ""),
    "zmbv": ("-c:v zmbv", ""),
    "raw-bgr24": ("-c:v rawvideo -pix_fmt bgr24", ""),
    "raw-yuy2": ("-c:v rawvideo -pix_fmt yuyv422", _PCM),
    "cinepak": ("-c:v cinepak", ""),
    "h264": (_H264, _AAC),
    "dv-type2": ("-c:v dvvideo -s 720x576 -r 25 -pix_fmt yuv420p -frames:v 3", _PCM),
    "h263": ("-c:v h263 -s 176x144", ""),
    "ac3": ("-c:v mpeg4", "-c:a ac3"),
    "adpcm": ("-c:v mpeg4", "-c:a adpcm_ima_wav"),
    "vp8": (_VP8, ""),
    "mpeg1": ("-c:v mpeg1video -r 25", _MP2),
    "opendml-index": ("-c:v mpeg4 -reserve_index_space 4096", _MP3),
    "titled": ("-c:v mpeg4 -metadata title=Beach -metadata comment=2024", _MP3),
}
_WMV_CLIPS = {
    "wmv2-wma2": ("wmv", "-c:v wmv2", "-c:a wmav2"),
    "wmv1-wma1": ("wmv", "-c:v wmv1", "-c:a wmav1"),
    "wmv2-silent": ("wmv", "-c:v wmv2", ""),
    "msmpeg4": ("asf", "-c:v msmpeg4", _MP3),
    "h264": ("asf", _H264, "-c:a wmav2"),
    "mpeg4": ("asf", "-c:v mpeg4", _MP3),
    "mjpeg": ("asf", "-c:v mjpeg -pix_fmt yuvj420p", ""),
    "tagged": ("wmv", "-c:v wmv2 -metadata title=Beach -metadata artist=Ann -metadata copyright=2024", "-c:a wmav2"),
    "packet-size": ("wmv", "-c:v wmv2 -packet_size 8000", "-c:a wmav2"),
    "pcm": ("wmv", "-c:v wmv2", _PCM),
    "large-frame": ("wmv", "-c:v wmv2 -s 1280x720 -frames:v 3", ""),
}
_WEBM_CLIPS = {
    "vp8-vorbis": (_VP8, "-c:a libvorbis"),
    "vp8-opus": (_VP8, "-c:a libopus"),
    "vp8-silent": (_VP8, ""),
    "vp9-opus": (_VP9, "-c:a libopus"),
    "vp9-silent": (_VP9, ""),
    "vp9-10-bit": (f"{_VP9} -pix_fmt yuv420p10le", ""),
    "vp9-alpha": (f"{_VP9} -pix_fmt yuva420p", ""),
    "vp8-alpha": (f"{_VP8} -pix_fmt yuva420p -auto-alt-ref 0", ""),
    "vp9-444": (f"{_VP9} -pix_fmt yuv444p", ""),
    "av1-opus": (_AV1, "-c:a libopus"),
    "av1-silent": (_AV1, ""),
    "live": (f"{_VP8} -live 1", "-c:a libopus"),
    "dash": (f"{_VP9} -dash 1", ""),
    "cues-in-front": (f"{_VP9} -cues_to_front 1", "-c:a libopus"),
    "reserved-cues": (f"{_VP9} -reserve_index_space 2000", "-c:a libopus"),
    "small-clusters": (f"{_VP8} -cluster_time_limit 100 -g 1", "-c:a libopus"),
    "no-crc": (f"{_VP8} -write_crc32 0", "-c:a libopus"),
    "tagged": (f"{_VP8} -metadata title=Beach -metadata comment=2024", "-c:a libopus"),
    "one-frame": (f"{_VP8} -frames:v 1", ""),
    "large-frame": (f"{_VP8} -s 1280x720 -frames:v 2", ""),
}


def samples() -> Iterator[Sample]:
    for name, (options, audio) in _MP4_CLIPS.items():
        yield good(f"mp4/{name}", MP4, clip("mp4", options, audio=audio), "made by ffmpeg's MP4 muxer")
    for name, (options, audio) in _MOV_CLIPS.items():
        yield good(f"mov/{name}", MOV, clip("mov", options, audio=audio), "made by ffmpeg's QuickTime muxer")
    for name, (suffix, options, audio) in _MPEG_CLIPS.items():
        made = clip(suffix, options, audio=audio, seconds="2" if "-t 2" in options else "0.4")
        yield good(f"mpeg/{name}", MPEG, made, "a program stream by ffmpeg's MPEG muxers")
    for name, (options, audio) in _AVI_CLIPS.items():
        yield good(f"avi/{name}", AVI, clip("avi", options, audio=audio), "made by ffmpeg's AVI muxer")
    for name, (suffix, options, audio) in _WMV_CLIPS.items():
        yield good(f"wmv/{name}", WMV, clip(suffix, options, audio=audio), "made by ffmpeg's ASF muxer")
    for name, (options, audio) in _WEBM_CLIPS.items():
        yield good(f"webm/{name}", WEBM, clip("webm", options, audio=audio), "made by ffmpeg's WebM muxer")
    yield good("mp4/m4v-by-ipod-muxer", MP4, clip("m4v", f"{_H264} -f ipod", audio=_AAC), "an M4V is an MP4")
    yield good("mp4/psp-muxer", MP4, clip("mp4", f"{_H264} -f psp -r 29.97", audio=_AAC), "brand MSNV, as of the PSP")
