"""Uploads files as a client would, and waits for the verdict: `python -m local.upload FILE…`.

Exit code 0 when every file was accepted, 1 when one was refused, 2 when one got no verdict.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from tqdm import tqdm

from local import stack
from local.paths import DEFAULT_DIRECTORY, Places
from local.progress import TroubleError, complain, say
from local.upload_client import Client, RefusedError, Source

ACCEPTED, REFUSED, TROUBLE = 0, 1, 2
_HELD = "it could not be judged and was put aside; `make redrive ENV=local` brings it back"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        client = _client(options)
        return max([_upload(client, path, options) for path in options.files])
    except TroubleError as trouble:
        complain(trouble)
        return TROUBLE
    except KeyboardInterrupt:
        return 130


def _client(options: argparse.Namespace) -> Client:
    offered = stack.offered(options.stack)
    return Client(offered.api_url, offered.api_key, options.password or offered.password, patience=options.wait)


def _upload(client: Client, path: Path, options: argparse.Namespace) -> int:
    """The exit code for one file. Trouble with one does not keep the others from their turn."""
    known: dict[str, Any] = {}
    try:
        source = Source.of(path, options.type)
        issued = client.issue(source)
        known = {"uploadId": issued["uploadId"]}
        bar = {"total": source.size, "desc": path.name, "disable": options.json}
        with path.open("rb") as file, tqdm.wrapattr(file, "read", **bar) as watched:
            client.put(issued, cast("BinaryIO", watched), source.size)
        verdict = client.verdict(issued["statusUrl"])
    except RefusedError as refusal:
        return _tell(path, {"status": "refused", "reason": refusal.code, "detail": refusal.detail, **known}, options)
    except TroubleError as trouble:
        return _tell(path, {"status": "trouble", "detail": str(trouble), **known}, options)
    return _tell(path, verdict, options)


def _tell(path: Path, outcome: dict[str, Any], options: argparse.Namespace) -> int:
    status = outcome["status"]
    if options.json:
        say(json.dumps({"file": str(path), **outcome}))
    elif status == "accepted":
        say(f"{path}: accepted as {outcome['finalKey']}")
    else:
        reason = f" ({outcome['reason']})" if outcome.get("reason") else ""
        detail = _HELD if status == "held" else outcome.get("detail")
        say(f"{path}: {status}{reason}" + (f": {detail}" if detail else ""))
        if "uploadId" in outcome:
            say(f"  All that happened to it: make logs UPLOAD={outcome['uploadId']} ENV=local")
    return {"accepted": ACCEPTED, "rejected": REFUSED, "refused": REFUSED}.get(status, TROUBLE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.upload", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--type", help="MIME type to declare, instead of the one that the name suggests")
    parser.add_argument("--password", help="upload password, instead of the local cloud's own")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each file, and no progress bar")
    parser.add_argument("--wait", type=float, default=600, metavar="SECONDS", help="for a verdict (600)")
    parser.add_argument("--stack", type=Path, default=Places(DEFAULT_DIRECTORY).stack, help=".local/stack.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
