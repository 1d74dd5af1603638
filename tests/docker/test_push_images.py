"""`phenom push-images` with the real Docker, between two real registries on loopback. Only ECR's API is a stand-in."""

import base64
import json
import shutil
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.ports import any_free
from phenom.aws.ecr import Registry
from phenom.aws.stacks import Account
from phenom.commands.push_images import Push, run
from phenom.errors import CommandError
from phenom.images.docker import Docker

pytestmark = [pytest.mark.docker, pytest.mark.slow]  # neither CI nor `make check` needs Docker
INDEXES = "application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json"
MANIFESTS = f"{INDEXES},application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json"


class Ecr:
    """The calls of ECR that the command makes, answered from a registry on loopback."""

    def __init__(self, host: str) -> None:
        self.host = host

    def describe_repositories(self, repositoryNames: list[str]) -> dict[str, Any]:  # noqa: N803
        return {"repositories": [{"repositoryUri": f"{self.host}/{repositoryNames[0]}"}]}

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        url = f"http://{self.host}/v2/{repositoryName}/manifests/{imageIds[0]['imageTag']}"
        try:
            answer = urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": MANIFESTS}))
        except urllib.error.HTTPError:
            raise ClientError({"Error": {"Code": "ImageNotFoundException"}}, "DescribeImages") from None
        return {"imageDetails": [{"imageDigest": answer.headers["Docker-Content-Digest"]}]}

    def get_authorization_token(self) -> dict[str, Any]:
        token = base64.b64encode(b"AWS:secret").decode()
        return {"authorizationData": [{"authorizationToken": token, "proxyEndpoint": f"https://{self.host}"}]}


def docker(*arguments: str, stdin: bytes | None = None) -> str:
    return subprocess.run(["docker", *arguments], input=stdin, capture_output=True, check=True).stdout.decode().strip()


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty registries: the public one, and the environment's."""
    program = shutil.which("docker-registry")
    try:
        Docker()
        docker("version")
    except (CommandError, subprocess.CalledProcessError) as missing:
        pytest.skip(f"needs Docker: {missing}")
    if program is None:
        pytest.skip("needs docker-registry (Debian's package)")
    processes, found = [], []
    for name in ("public", "own"):
        host = f"127.0.0.1:{any_free()}"
        settings = {
            "version": 0.1,
            "storage": {"filesystem": {"rootdirectory": str(tmp_path / name)}},
            "http": {"addr": host},
        }
        (tmp_path / f"{name}.yml").write_text(json.dumps(settings))
        processes.append(
            subprocess.Popen(
                [program, "serve", str(tmp_path / f"{name}.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        found.append(host)
    time.sleep(1)
    yield found[0], found[1]
    for process in processes:
        process.terminate()
        process.wait()


def publish(reference: str, content: bytes) -> str:
    """Pushes an image with one file. Returns its reference."""
    archive = BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("file")
        entry.size = len(content)
        tar.addfile(entry, BytesIO(content))
    docker("import", "-", reference, stdin=archive.getvalue())
    docker("push", "--quiet", reference)
    return reference


def test_images_are_copied_with_their_digests_and_built_once(hosts: tuple[str, str], tmp_path: Path, capfd):
    public, own = hosts
    index, single = f"{public}/vendor/index:1.0", publish(f"{public}/vendor/single:2.0", b"single")
    docker("buildx", "imagetools", "create", "--tag", index, publish(f"{public}/vendor/index:amd64", b"amd64"))
    folder = tmp_path / "images"
    (folder / "built").mkdir(parents=True)
    (folder / "built" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY Dockerfile /\n")
    images = {
        "index": {"source": index, "digest": None},
        "single": {"source": single, "digest": None},
        "built": {"base": "index"},
    }
    (folder / "images.json").write_text(json.dumps(images))

    def push() -> dict[str, dict[str, str]]:
        ecr = Ecr(own)
        command = Push(Registry(Account(lambda _: ecr, "development", "phenom-dev")), path=folder / "images.json")
        assert run(command, only=[], dry_run=False, pin=True, as_json=True) == 0
        report: dict[str, dict[str, str]] = json.loads(capfd.readouterr().out)
        return report

    first, second = push(), push()
    assert {name: each["state"] for name, each in first.items()} == {
        "index": "copied",
        "single": "copied",
        "built": "built",
    }
    assert {each["state"] for each in second.values()} == {"present"}
    assert {name: each["digest"] for name, each in second.items()} == {
        name: each["digest"] for name, each in first.items()
    }
    for name, source in (("index", index), ("single", single)):
        assert first[name]["digest"] == Docker().find_digest(source)
    docker("pull", "--quiet", f"{first['built']['repository']}@{first['built']['digest']}")
