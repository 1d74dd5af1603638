"""Docker Engine: missing, not answering, and networks, with a script in place of `docker`."""

from pathlib import Path

import pytest

from local.progress import TroubleError
from local.sam_local import docker_engine
from local.sam_local.docker_engine import DockerEngine
from tests.unit.phenom.conftest import Ran

ENGINE = DockerEngine("unix:///nowhere")


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a script on the PATH as `docker` that logs its arguments. Returns the log."""
    notes = tmp_path / "notes"
    notes.touch()

    def install(script: str) -> Path:
        program = tmp_path / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >>{notes}\n{script}\n')
        program.chmod(0o700)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return notes

    return install


@pytest.mark.parametrize("command", ["invoke", "start-api"])
def test_missing_docker_says_what_to_install(command, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = Ran(command, "--dir", str(tmp_path / "cloud"))
    assert ran.code == 2
    assert "Docker is missing" in ran.err
    assert "apt-get install docker.io" in ran.err
    assert not (tmp_path / "cloud").exists()


def test_error_of_a_docker_that_does_not_answer_is_shown(docker):
    docker('[ "$1" = context ] && echo unix:///x && exit; echo "permission denied" >&2; exit 1')
    with pytest.raises(TroubleError, match="permission denied") as caught:
        docker_engine.find()
    assert "usermod -aG docker" in str(caught.value)


def test_docker_host_comes_before_the_context(docker, monkeypatch):
    docker("echo unix:///context")
    monkeypatch.setenv("DOCKER_HOST", "unix:///named")
    assert docker_engine.find() == DockerEngine("unix:///named")
    monkeypatch.delenv("DOCKER_HOST")
    assert docker_engine.find() == DockerEngine("unix:///context")


RUNNING = """case "$1 $2" in
"network inspect") echo "{gateway} 127.0.0.0/8" ;;
"network ls") echo bridge; echo {name} ;;
"ps --all") echo c1; echo c2 ;;
esac"""


def test_network_is_removed_at_the_end_and_leftovers_before(docker, tmp_path):
    name = docker_engine.network_name(tmp_path)
    notes = docker(RUNNING.format(name=name, gateway="127.0.0.1"))
    with ENGINE.network(tmp_path) as network:
        assert (network.name, network.gateway) == (name, "127.0.0.1")
    removal = ["network ls --format {{.Name}}", f"ps --all --quiet --filter network={name}",
               "rm --force --volumes c1 c2", f"network rm {name}"]  # fmt: skip
    said = notes.read_text().splitlines()
    assert said[:4] == removal
    assert said[4] == f"network create --driver bridge {name}"
    assert said[-4:] == removal


def test_containers_of_other_networks_are_not_removed(docker, tmp_path):
    notes = docker("echo bridge")
    ENGINE.remove(docker_engine.network_name(tmp_path))
    assert notes.read_text() == "network ls --format {{.Name}}\n"


def test_docker_in_a_virtual_machine_is_refused(docker, tmp_path):
    notes = docker(RUNNING.format(name=docker_engine.network_name(tmp_path), gateway="192.0.2.77"))
    with pytest.raises(TroubleError, match="virtual machine"), ENGINE.network(tmp_path):
        pass
    assert notes.read_text().splitlines()[-1].startswith("network rm")


def test_error_of_a_failed_docker_command_is_shown(docker):
    docker('echo "could not find an available subnet" >&2; exit 1')
    with pytest.raises(TroubleError, match=r"`docker network create` failed:\n +could not find"):
        ENGINE.run("network", "create", "x")


def test_each_directory_has_its_own_network(tmp_path):
    assert (
        docker_engine.network_name(tmp_path)
        == docker_engine.network_name(tmp_path)
        != docker_engine.network_name(tmp_path / "other")
    )
