"""What a person's credentials lack, in IAM's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from runtime.aws_errors import code_of
from uploads.errors import LedgerError

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation"})


class NotAllowedError(Exception):
    """The message names the action that is missing, and on what."""


@contextmanager
def needing(action: str, resource: str) -> Iterator[None]:
    """Raises NotAllowedError where AWS refuses what is done inside; any other error passes."""
    try:
        yield
    except (ClientError, LedgerError) as error:
        if not _denied(error):
            raise
        raise NotAllowedError(f"Your credentials lack {action} on {resource}.") from error


def _denied(error: Exception) -> bool:
    cause = error if isinstance(error, ClientError) else error.__cause__
    return isinstance(cause, ClientError) and code_of(cause) in _DENIED
