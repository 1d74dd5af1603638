"""Publishes the upload page: its settings, its files in the bucket, and the distribution in front."""

import hashlib
import json
import mimetypes
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phenom.upload_page.digest import hash_files
from uploads.media_types import MEDIA_TYPES

MULTIPART_THRESHOLD_BYTES = 64 * 1024 * 1024
_HASHED = "assets/"
_FOREVER = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
# The standard library's table differs between machines.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Site:
    """The page of a deployed stack: the bucket and distribution that serve it, and its settings."""

    bucket: str
    distribution_id: str
    url: str
    settings: Mapping[str, object]


def site_of_stack(stack: Mapping[str, Any], client: Callable[[str], Any], api_url: str | None = None) -> Site:
    """Reads the page's site from a stack's description. `api_url` replaces the output. Raises KeyError."""
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    key = client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]
    return Site(
        bucket=outputs["VideoClientHostingBucket"],
        distribution_id=outputs["ClientDistributionId"],
        url=outputs["VideoClientWebsiteUrl"],
        settings={
            "apiUrl": api_url or outputs["VideoUploadApiEndpoint"],
            "apiKey": key,
            "maxFileBytes": int(parameters["MaxFileBytes"]),
            "types": list(MEDIA_TYPES),
            "multipartThresholdBytes": MULTIPART_THRESHOLD_BYTES,
            "partBytes": int(parameters["PartBytes"]),
        },
    )


def publish(site: Site, built: Path, client: Callable[[str], Any]) -> list[str]:
    """Uploads the page and invalidates the distribution's cache. Returns the keys in the order of their upload.

    The index comes last: a browser must not get an index that refers to missing files.
    """
    s3 = client("s3")
    files = sorted((path for path in built.rglob("*") if path.is_file()), key=lambda path: _order(_key(built, path)))
    keys = [_key(built, path) for path in files]
    for path, key in zip(files, keys, strict=True):
        if key == "index.html":
            _put(s3, site.bucket, "config.json", json.dumps(site.settings, indent=2).encode())
        _put(s3, site.bucket, key, path.read_bytes())
    client("cloudfront").create_invalidation(
        DistributionId=site.distribution_id,
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": f"deploy-client {time.time_ns()}",
        },
    )
    return [*keys[:-1], "config.json", keys[-1]]


def fingerprint(site: Site, built: Path) -> str:
    """Returns a hash of everything that `publish` would upload."""
    files = (path for path in built.rglob("*") if path.is_file())
    parts = [json.dumps(site.settings, sort_keys=True), hash_files(files, built)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _key(built: Path, path: Path) -> str:
    return path.relative_to(built).as_posix()


def _order(key: str) -> tuple[bool, bool, str]:
    return (key == "index.html", not key.startswith(_HASHED), key)


def _put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    suffix = Path(key).suffix
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType=_TYPES.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream",
        CacheControl=_FOREVER if key.startswith(_HASHED) else _REVALIDATE,
    )
