"""Brands of ISO base media files, and which of them are videos (ISO/IEC 14496-12, 4.3; registry at mp4ra.org)."""

from validator.formats.verdict import RefusedError

MP4 = "video/mp4"
QUICKTIME = "video/quicktime"


def _brands(text: str) -> frozenset[bytes]:
    """Parses a list of brands, in which `_` stands for a space."""
    return frozenset(brand.replace("_", " ").encode() for brand in text.split())


_QUICKTIME = b"qt  "

_VIDEO = _brands(
    # ISO base media and MP4 themselves
    "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 isoa isob isoc mp41 mp42 mp71 mp21 avc1 avc2 avc3 avc4 hvc1 hev1 "
    "av01 vp09 vvc1 ndsc mmp4 mp4v "
    # streaming: DASH, CMAF, HLS, Smooth Streaming, DECE
    "dash dsms msdh msix sims lmsg risx cmfc cmf2 cmfs cmff cmfl cmfd cmfa hlsf piff isml ccff cmaf cvvc cwvt im1t "
    "dby1 dby2 "
    # Apple and Adobe
    "M4V_ M4VH M4VP f4v_ f4p_ F4V_ F4P_ "
    # cameras and devices: Sony, PSP, Casio, Canon, Leica, Kodak, Convergent, Digital Media Project, Sanyo, Samsung
    "MSNV XAVC CAEP caqv LCAG pana PANA NIKO OLYM PENT MFSM MPPI ROSS FACE SEBK ssc1 ssc2 sdv_ isc2 GoPr "
    # Nero Digital
    "NDSC NDSH NDSM NDSP NDSS NDXC NDXH NDXM NDXP NDXS "
    # broadcasting: DMB, DVB, ARIB
    "da0a da0b da1a da1b da2a da2b da3a da3b dmb1 dv1a dv1b dv2a dv2b dv3a dv3b dvr1 dvt1 adti"
)

_HEIC = _brands("heic heix heim heis hevc hevx hevm hevs")
_AVIF = _brands("avif avis avio MA1A MA1B")
_PICTURES = _brands("mif1 mif2 mif3 msf1 miaf MiHA MiHB MiHE MiPr vvic vvis evbi evbs jpeg jpgs j2ki j2is j2k1 unif")
_SOUND = _brands("M4A_ M4B_ M4P_ f4a_ f4b_ F4A_ F4B_ NDAS aax_ aaxc M4A M4B")
_JPEG_2000 = _brands("jp2_ jpx_ jpm_ jpxb jph_ mjp2 mj2s jxl_ jxs_")

HEIC_SENTENCE = "This is a HEIC photo, as iPhones make them. Set the camera to Most Compatible, or export it as JPEG."
_REFUSED: tuple[tuple[frozenset[bytes], str], ...] = (
    (_HEIC, HEIC_SENTENCE),
    (_AVIF, "This is an AVIF picture, which is not accepted. Please export it as JPEG or PNG."),
    (_SOUND, "This is a sound file without video (M4A), which is not accepted."),
    (_JPEG_2000, "This is a JPEG 2000 or JPEG XL file, which is not accepted. Please export it as JPEG."),
    (_brands("crx_"), "This is a camera's raw photo (CR3), which is not accepted. Please export it as JPEG."),
)
_3GP_OF_PHONES = _brands("3gp4 3gp5 3gp6")
"""Phones of 2020 write these in front of what is MP4 by its other brands and its codec."""
SENTENCE_3GP = "This is a 3GP video, as older phones make them, which is not accepted. Please convert it to MP4."


def media_type_of(major: bytes, compatible: frozenset[bytes]) -> str:
    """Returns the media type of a file type box: by its major brand, or by the compatible ones if that is unknown.

    Raises RefusedError if the brand is that of another kind of file.
    """
    if major == _QUICKTIME:
        return QUICKTIME
    if major in _VIDEO or (major in _3GP_OF_PHONES and compatible & _VIDEO):
        return MP4
    if sentence := _refusal(major, compatible):
        raise RefusedError("unsupported_type", sentence)
    if compatible & _VIDEO:
        return MP4
    if _QUICKTIME in compatible:
        return QUICKTIME
    raise RefusedError("unsupported_type", "This file is related to MP4, but of a kind that is not accepted.")


def is_3gp(major: bytes) -> bool:
    """Returns True if the major brand is one of 3GPP."""
    return major[:2] == b"3g"


def picture_sentence(compatible: frozenset[bytes]) -> str | None:
    """Returns the sentence for a file without video whose compatible brands include still pictures, else None."""
    return _refusal(b"mif1", compatible) if compatible & (_HEIC | _AVIF | _PICTURES) else None


def _refusal(major: bytes, compatible: frozenset[bytes]) -> str | None:
    if is_3gp(major):
        return SENTENCE_3GP
    for brands, sentence in _REFUSED:
        if major in brands:
            return sentence
    if major not in _PICTURES:
        return None
    for brands, sentence in _REFUSED:
        if compatible & brands:
            return sentence
    return "This is a still picture of the HEIF family, which is not accepted. Please export it as JPEG."
