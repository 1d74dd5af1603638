"""Parameters of the local deployment: samconfig.toml's and the scanner's."""

from local import fingerprint
from local.deployment import _overrides


def test_parameters_are_added_to_those_of_samconfig() -> None:
    overrides = _overrides({"ClamAvPort": "4567"})
    assert "Environment=local" in overrides
    assert "ClamAvPort=4567" in overrides


def test_changed_parameters_mean_another_deployment_of_the_same_build() -> None:
    build = fingerprint.build_fingerprint()
    assert build == fingerprint.build_fingerprint()
    assert fingerprint.deployment_fingerprint(build, ["A=1"]) != fingerprint.deployment_fingerprint(build, ["A=2"])
