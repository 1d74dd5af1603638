"""The fuzzers' seeds: samples of the other tests, written once for each target."""

import hashlib
from importlib import import_module
from pathlib import Path

from phenom import event_cases
from testkit.samples import drawings, hostile_images, images
from testkit.samples.payloads import attachments
from tests.fuzz.oracles import PARSERS, TYPES, VIDEOS, types_of

ROOT = Path(__file__).parents[2]
LONGEST = 24 * 1024
_REPLIES = (
    b"stream: OK\0", b"stream: Win.Test.EICAR_HDB-1 FOUND\0", b"INSTREAM size limit exceeded. ERROR\0",
    b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", b"COMMAND READ TIMED OUT\0", b"UNKNOWN COMMAND\0",
)  # fmt: skip


def seeds_of(target: str) -> list[bytes]:
    """Returns valid and hostile samples, without those too long for useful mutations."""
    match target:
        case "clamd":
            return list(_REPLIES)
        case "messages":
            return _bodies("validator", "Records")
        case "presign":
            return _bodies("presign", "")
        case "inspect":
            return [_chosen(name, data) for name in PARSERS for data in _files(name)[:40]]
        case _:
            return _files(target)


def _chosen(name: str, data: bytes) -> bytes:
    return bytes((TYPES.index(types_of(PARSERS[name])[0]), 0, 0)) + data


def _files(name: str) -> list[bytes]:
    if name == "svg":
        found = [*drawings.valid().values(), *(data for data, _ in drawings.hostile().values())]
    elif name in VIDEOS:
        cases = import_module(f"tests.unit.validator.formats.test_{name}")
        groups = (cases.ACCEPTED, cases.UNSUPPORTED, cases.MALFORMED, cases.POLYGLOT)
        found = [case if isinstance(case, bytes) else case[0] for group in groups for case in group.values()]
    else:
        good = images.VALID[name]()
        bad = hostile_images.HOSTILE[name]()
        found = [*good.values(), *(data for data, _ in bad.values())]
        found += [next(iter(good.values())) + attached for attached in attachments().values()]
    return [data for data in found if len(data) <= LONGEST]


def _bodies(function: str, holds: str) -> list[bytes]:
    """Returns the bodies of the function's example events that contain `holds`."""
    bodies = []
    for case in event_cases.names(function):
        event, _ = event_cases.load(function, case)
        for record in event.get("Records", [event]) if isinstance(event, dict) else ():
            body = record.get("body")
            if isinstance(body, str) and holds in body:
                bodies.append(body.encode(errors="surrogatepass"))
    return bodies


def write_seeds(target: str, directory: Path) -> Path:
    """Writes the seeds of a target and returns their directory."""
    where = directory / target
    where.mkdir(parents=True, exist_ok=True)
    for data in seeds_of(target):
        path = where / hashlib.sha256(data).hexdigest()[:16]
        if not path.exists():
            path.write_bytes(data)
    return where
