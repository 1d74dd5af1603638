"""The addresses and first commands that `make run` prints."""

import os
from pathlib import Path

from local.lifecycle import Cloud
from local.stack import Stack


def render_banner(cloud: Cloud, running: Stack) -> str:
    address = cloud.scans_with()
    scanning = f"on, by clamd at {address}" if address else "off: no clamd here (Debian: apt-get install clamav-daemon)"
    directory = cloud.paths.directory
    page = running.client_url or "none: it could not be built here (Node.js 20.19 or newer)"
    return f"""
The local cloud is up.

  Upload page  {page}
  API          {running.api_url}
  API key      {running.api_key}
  Password     {running.password}
  Hasura       {running.graphql_url} (a stand-in: local/hasura/README.md)
  Demo user    {running.demo_user.username}, {running.demo_user.password}
  AWS          {running.endpoint_url} (credentials in {_short(cloud.paths.stack)})
  Virus scan   {scanning}
  Logs         {_short(directory / "logs")}

Try:
  .venv/bin/phenom upload photo.jpg
  .venv/bin/phenom sign-in
  curl -s {running.api_url}/upload/generate-url -H 'x-api-key: {running.api_key}' \\
    -d '{{"password": "{running.password}", "fileName": "photo.jpg", "contentType": "image/jpeg", "fileSize": 1000}}'
"""


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
