"""The addresses and first commands that `make run` prints."""

import os
from pathlib import Path

from local.lifecycle import Cloud
from local.stack import Stack


def render_banner(cloud: Cloud, offered: Stack) -> str:
    address = cloud.scans_with()
    scanning = f"on, by clamd at {address}" if address else "off: no clamd here (Debian: apt-get install clamav-daemon)"
    directory = cloud.paths.directory
    page = offered.client_url or "none: it could not be built here (Node.js 20.19 or newer)"
    return f"""
The local cloud is up.

  Upload page  {page}
  API          {offered.api_url}
  API key      {offered.api_key}
  Password     {offered.password}
  Hasura       {offered.graphql_url} (a stand-in: local/hasura/README.md)
  Demo user    {offered.demo_user.username}, {offered.demo_user.password}
  AWS          {offered.endpoint_url} (credentials in {_short(cloud.paths.stack)})
  Virus scan   {scanning}
  Logs         {_short(directory / "logs")}

Try:
  .venv/bin/phenom upload photo.jpg
  .venv/bin/phenom sign-in
  curl -s {offered.api_url}/upload/generate-url -H 'x-api-key: {offered.api_key}' \\
    -d '{{"password": "{offered.password}", "fileName": "photo.jpg", "contentType": "image/jpeg", "fileSize": 1000}}'
"""


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
