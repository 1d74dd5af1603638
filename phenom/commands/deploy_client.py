"""Builds the upload page and publishes it where the deployed stack serves it from. Safe to repeat and to interrupt."""

from phenom.aws.stacks import DeployedStack, UnreachableError
from phenom.errors import DONE
from phenom.upload_page import build, publish


def run(stack: DeployedStack) -> int:
    """Returns the exit code. Raises UnreachableError, BuildError."""
    if not stack.has_upload_page:
        print(f"Stack {stack.name} has no upload page (UploadPage=off): nothing to publish.")
        return DONE
    try:
        site = publish.site_of_stack(stack.description, stack.client, stack.api_url)
    except KeyError as missing:
        raise UnreachableError(
            f"Stack {stack.name} has no {missing}: deploy the stack again, then the page."
        ) from missing
    keys = publish.publish(site, build.build(), stack.client)
    print(f"{len(keys)} files are in {site.bucket}; the new page is visible within a few minutes.")
    print(stack.client_url or site.url)
    return DONE
