"""`phenom push-images`: what it copies and builds, what it skips, and why it stops. ECR is moto's, Docker a fake."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from phenom.aws.ecr import Registry
from phenom.aws.stacks import Account, UnreachableError
from phenom.commands.push_images import Push, run
from phenom.errors import CommandRefusedError, IncompleteError
from tests.unit.phenom.conftest import Phenom

NAMES = ("vendor", "other", "app")


def manifest(content: str) -> str:
    """Returns an image manifest; equal content has an equal digest."""
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = {"mediaType": "application/json", "size": 1, "digest": f"sha256:{content:0>64}"}
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []})


@dataclass
class FakeDocker:
    """Docker that writes into moto's registry. `sources` has the digests of tags; pushes to `broken` fail."""

    ecr: Any
    sources: dict[str, str] = field(default_factory=dict)
    broken: str = "none"
    calls: list[tuple[str, ...]] = field(default_factory=list)
    signed_in: str | None = None

    def __call__(self) -> "FakeDocker":
        return self

    def sign_in(self, registry: str, user: str, password: str) -> None:
        assert user == "AWS"
        assert password
        self.signed_in = registry

    def sign_out(self, registry: str) -> None:
        assert self.signed_in == registry
        self.signed_in = None

    def find_digest(self, reference: str) -> str:
        return self.sources[reference]

    def copy(self, source: str, destination: str) -> None:
        self._put("copy", source, destination)

    def build(self, folder: Path, base: str, destination: str) -> None:
        self._put("build", f"{folder.name} from {base}", destination)

    def _put(self, call: str, source: str, destination: str) -> None:
        registry, _, rest = destination.partition("/")
        repository, _, tag = rest.partition(":")
        assert self.signed_in == registry
        self.calls.append((call, source, destination))
        if self.broken in repository:
            raise IncompleteError("Docker failed")
        self.ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest(str(len(self.calls))))


@pytest.fixture
def ecr() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("ecr", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        for name in NAMES:
            client.create_repository(repositoryName=f"phenom-dev/{name}", imageTagMutability="IMMUTABLE")
        yield client


@pytest.fixture
def docker(ecr: Any) -> FakeDocker:
    return FakeDocker(ecr)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    entries = {
        "app": {"base": "vendor"},
        "other": {"source": "other/server:2", "digest": None},
        "vendor": {"source": "vendor/server:1", "digest": None},
    }
    (tmp_path / "images.json").write_text(json.dumps(entries))
    return tmp_path / "images.json"


@pytest.fixture
def push(ecr: Any, docker: FakeDocker, images: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command and returns its JSON report."""

    def run_it(*only: str, dry_run: bool = False, pin: bool = False) -> dict[str, Any]:
        command = Push(Registry(Account(lambda _: ecr, "development", "phenom-dev")), docker, images)
        assert run(command, only=list(only), dry_run=dry_run, pin=pin, as_json=True) == 0
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return run_it


def states(report: dict[str, Any]) -> dict[str, str]:
    return {name: each["state"] for name, each in report.items()}


def test_images_are_copied_and_built_from_the_copy_of_their_base(push, docker: FakeDocker):
    report = push()
    assert states(report) == {"other": "copied", "vendor": "copied", "app": "built"}
    registry = report["vendor"]["repository"].removesuffix("/vendor")
    assert docker.calls == [
        ("copy", "other/server:2", f"{registry}/other:2"),
        ("copy", "vendor/server:1", f"{registry}/vendor:1"),
        ("build", f"app from {registry}/vendor@{report['vendor']['digest']}", f"{registry}/app:{report['app']['tag']}"),
    ]
    assert docker.signed_in is None


def test_second_run_needs_no_docker(push, docker: FakeDocker):
    first, calls = push(), len(docker.calls)
    second = push()
    assert set(states(second).values()) == {"present"}
    assert {name: each["digest"] for name, each in second.items()} == {
        name: each["digest"] for name, each in first.items()
    }
    assert len(docker.calls) == calls


def test_interrupted_run_is_continued(push, docker: FakeDocker):
    docker.broken = "vendor"
    with pytest.raises(IncompleteError):
        push()
    assert docker.signed_in is None, "no password stays on the machine"
    docker.broken = "none"
    assert states(push()) == {"other": "present", "vendor": "copied", "app": "built"}


def test_only_pushes_the_named_image_and_its_base(push):
    assert states(push("app")) == {"vendor": "copied", "app": "built"}


def test_unknown_image_is_refused_with_the_known_ones(push):
    with pytest.raises(CommandRefusedError, match=r"no image apps\. images/images\.json has: other, vendor, app\."):
        push("apps")


def test_dry_run_changes_nothing(push, docker: FakeDocker):
    assert set(states(push(dry_run=True)).values()) == {"missing"}
    assert docker.calls == []


def test_pin_writes_the_digests_and_copies_by_them(push, docker: FakeDocker, images: Path):
    for number, source in ((1, "other/server:2"), (2, "vendor/server:1")):
        image = manifest(str(number))
        scratch = docker.ecr.create_repository(repositoryName=f"scratch{number}")["repository"]["repositoryName"]
        put = docker.ecr.put_image(repositoryName=scratch, imageTag="x", imageManifest=image)
        docker.sources[source] = put["image"]["imageId"]["imageDigest"]
    report = push(pin=True)
    assert all(each["pinned"] for each in report.values())
    assert docker.calls[0][1] == f"other/server:2@{docker.sources['other/server:2']}"
    assert report["vendor"]["tag"] == f"1-{report['vendor']['digest'][7:19]}"
    assert json.loads(images.read_text())["vendor"]["digest"] == docker.sources["vendor/server:1"]


def test_other_digest_than_listed_is_an_error(push, images: Path):
    entries = json.loads(images.read_text())
    entries["vendor"]["digest"] = f"sha256:{'f' * 64}"
    images.write_text(json.dumps(entries))
    for _ in ("after the copy", "already there"):
        with pytest.raises(IncompleteError, match=r"not sha256:f+ as listed: do not use it"):
            push("vendor")


def test_missing_repository_names_bootstrap(push, ecr: Any):
    ecr.delete_repository(repositoryName="phenom-dev/other")
    with pytest.raises(UnreachableError, match=r"no repository phenom-dev/other .*infra/terraform/bootstrap"):
        push()


def test_report_for_people_says_what_is_not_fixed(ecr: Any, docker: FakeDocker, images: Path, capsys):
    command = Push(Registry(Account(lambda _: ecr, "development", "phenom-dev")), docker, images)
    run(command, only=[], dry_run=False, pin=False, as_json=False)
    printed = capsys.readouterr()
    assert printed.out.split()[:4] == ["IMAGE", "TAG", "DIGEST", "STATE"]
    assert "No digest in images/images.json for other, vendor, app" in printed.err


def test_local_cloud_is_wrong_usage(phenom: Phenom):
    assert phenom("push-images", "local").code == 2


def test_pin_and_dry_run_exclude_each_other(phenom: Phenom, monkeypatch: pytest.MonkeyPatch):
    ran = phenom("push-images", "development", "--pin", "--dry-run")
    assert ran.code == 2
    assert "leave out --dry-run" in ran.err
