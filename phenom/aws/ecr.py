"""The container registry of one environment."""

import base64
from typing import Any

from botocore.exceptions import ClientError

from phenom.aws.stacks import Account, UnreachableError
from phenom.images.docker import Credentials
from runtime.aws_errors import code_of


class Registry:
    """The repositories `phenom-<env>/<name>`."""

    def __init__(self, account: Account) -> None:
        self._client: Any = account.client("ecr")
        self._prefix = f"phenom-{account.short_name}"

    def repository_uri(self, name: str) -> str:
        """Returns the repository as in a reference, without a tag. Raises UnreachableError when it does not exist."""
        repository = f"{self._prefix}/{name}"
        try:
            found = self._client.describe_repositories(repositoryNames=[repository])["repositories"]
        except ClientError as error:
            if code_of(error) != "RepositoryNotFoundException":
                raise
            raise UnreachableError(
                f"There is no repository {repository} in this account. Apply infra/terraform/bootstrap first "
                "(docs/environments.md), or check AWS_PROFILE: is it another account?"
            ) from error
        return str(found[0]["repositoryUri"])

    def find_digest(self, name: str, tag: str) -> str | None:
        """Returns the digest of an image, None when no image has this tag."""
        try:
            found = self._client.describe_images(repositoryName=f"{self._prefix}/{name}", imageIds=[{"imageTag": tag}])[
                "imageDetails"
            ]
        except ClientError as error:
            if code_of(error) == "ImageNotFoundException":
                return None
            raise
        return str(found[0]["imageDigest"])

    def credentials(self) -> Credentials:
        data = self._client.get_authorization_token()["authorizationData"][0]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        return Credentials(str(data["proxyEndpoint"]).removeprefix("https://"), user, password)
