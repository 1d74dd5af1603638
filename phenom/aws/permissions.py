"""Names the IAM action that the operator's credentials lack."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from phenom.errors import CommandError, is_denied
from uploads.errors import LedgerError


class NotAllowedError(CommandError):
    """The message names the missing action and the resource."""


@contextmanager
def needing(action: str, resource: str) -> Iterator[None]:
    """Raises NotAllowedError when AWS denies a call of the block; other errors pass."""
    try:
        yield
    except (ClientError, LedgerError) as error:
        if not is_denied(error if isinstance(error, ClientError) else error.__cause__):
            raise
        raise NotAllowedError(f"Your credentials lack {action} on {resource}.") from error
