"""CloudFormation refuses a deployment whose AllowedOrigins would let every page upload."""

import itertools

import pytest
import yaml
from botocore.exceptions import ClientError

from phenom.aws import sam_template
from tests.e2e.api import Application

_NUMBERS = itertools.count()


def create(application: Application, environment: str, origins: str | None) -> None:
    """Creates a stack with only the template's parameters and rules for origins, and deletes it."""
    template = sam_template.read()
    names = ("Environment", "AllowedOrigins")
    body = {
        "Parameters": {name: template["Parameters"][name] for name in names},
        "Rules": {"OriginsAreListed": template["Rules"]["OriginsAreListed"]},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    given = {"Environment": environment} | ({} if origins is None else {"AllowedOrigins": origins})
    cloudformation, name = application.client("cloudformation"), f"origins-{next(_NUMBERS)}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=yaml.safe_dump(body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    cloudformation.delete_stack(StackName=name)


@pytest.mark.parametrize(
    ("environment", "origins"),
    [
        ("local", "*"),
        ("local", None),  # as `sam local` needs it
        ("dev", "https://upload.acme.org"),
        ("prod", "https://upload.acme.org,https://app.acme.org:8443"),
        ("dev", "https://upload-dev.example.org"),  # samconfig.toml before the first deployment
    ],
)
def test_list_of_origins_is_accepted(application: Application, environment: str, origins: str | None):
    create(application, environment, origins)


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize(
    ("origins", "message"),
    [
        ("*", "for the environment local only"),
        ("https://upload.acme.org,*", "for the environment local only"),
        (None, "the default is an example"),
        ("http://upload.acme.org", "must be origins such as"),
        ("https://upload.acme.org/", "must be origins such as"),
        ("https://*.acme.org", "must be origins such as"),
        ("https://Upload.acme.org", "must be origins such as"),
        ("", "must be origins such as"),
    ],
)
def test_other_origins_are_refused_with_the_remedy(
    application: Application, environment: str, origins: str | None, message: str
):
    with pytest.raises(ClientError, match=message):
        create(application, environment, origins)
