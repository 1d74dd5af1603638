"""The settings of an environment: literals of locals.tf and parameters of the SAM stack."""

import pytest

from phenom.preflight.literals import parse_locals
from phenom.preflight.settings import SettingError, read_settings

SOURCE = """
# comment
terraform { required_version = ">= 1.11" }
locals {
  name     = "dev" # comment with = and {
  number   = 20
  half     = 0.5
  on       = true
  nothing  = null
  quoted   = "say \\"x\\""
  object   = { min = 1, "max" = 2, nested = { a = null } }
  lines = {
    a = "x:1"

    b = null // comment
  }
  list     = ["a", "b",]
  empty    = []
  call     = merge(local.object, { a = 1 })
  template = "phenom-${local.name}"
  sum      = 1 + 2
  mixed    = { a = local.name, b = { c = 1 } }
  chosen   = local.on ? { x = 1 } : null
  last     = "end"
}
locals { other = 1 }
"""


def test_literals_are_read_and_expressions_are_left_out():
    assert parse_locals(SOURCE) == {
        "name": "dev", "number": 20, "half": 0.5, "on": True, "nothing": None, "quoted": 'say "x"',
        "object": {"min": 1, "max": 2, "nested": {"a": None}}, "lines": {"a": "x:1", "b": None},
        "list": ["a", "b"], "empty": [], "last": "end",
    }  # fmt: skip


def test_source_without_locals_is_refused():
    with pytest.raises(ValueError, match="locals"):
        parse_locals("terraform {}")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_settings_of_every_environment_are_read(environment: str):
    settings = read_settings(environment)
    assert settings.local("environment") == settings.short_name
    assert settings.local("region") == settings.region
    assert settings.parameter("Environment") == settings.short_name
    assert settings.number("ValidatorMaxConcurrency") >= 2
    assert settings.parameter("UploadPage") in {"on", "off"}


def test_value_that_only_terraform_knows_names_setting_and_file(tmp_path):
    (tmp_path / "development").mkdir()
    (tmp_path / "development" / "locals.tf").write_text('locals { images = merge({}, {}) \n region = "us-east-1" }')
    settings = read_settings("development", tmp_path)
    assert settings.local("region") == "us-east-1"
    with pytest.raises(SettingError, match=r"locals\.tf has no plain value for images\. Write it without functions"):
        settings.local("images")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"locals\.tf cannot be read"):
        read_settings("development", tmp_path)


def test_overrides_of_samconfig_replace_defaults(tmp_path):
    samconfig = tmp_path / "samconfig.toml"
    samconfig.write_text(
        '[development.global.parameters]\nstack_name = "phenom-dev"\nregion = "us-east-1"\n'
        '[development.deploy.parameters]\nparameter_overrides = ["UploadPage=off", "ValidatorMaxConcurrency=few"]\n'
    )
    settings = read_settings("development", samconfig=samconfig)
    assert settings.parameter("UploadPage") == "off"
    assert settings.parameter("ManageApiGatewayAccount") == "true"
    with pytest.raises(SettingError, match=r"ValidatorMaxConcurrency=few in samconfig\.toml must be a number"):
        settings.number("ValidatorMaxConcurrency")
    with pytest.raises(SettingError, match="Unknown"):
        settings.parameter("Unknown")
