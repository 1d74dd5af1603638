"""Errors that end a command: which exit code each has, and what the operator reads."""

DONE, NOT_ALL_DONE, REFUSED, INTERRUPTED = 0, 1, 2, 130

_NO_CREDENTIALS = "No AWS credentials found. Set AWS_PROFILE, or sign in with `aws sso login`."
_EXPIRED = "Your AWS session has expired. Sign in again, for example with `aws sso login`."
_EXPIRED_CODES = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID_CODES = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}
_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation", "UnauthorizedException"}


class CommandError(Exception):
    """An expected failure. The message is for the operator and says what to do."""

    exit_code = REFUSED


class CommandRefusedError(CommandError):
    """The command refuses and has changed nothing."""


class IncompleteError(CommandError):
    """The command did part of its work."""

    exit_code = NOT_ALL_DONE


def explain(error: BaseException) -> str | None:
    """Returns what to tell the operator; None when the error is a defect and its traceback is needed."""
    from botocore import exceptions as botocore
    from botocore.parsers import ResponseParserError

    from uploads.errors import LedgerError

    match error:
        case CommandError():
            return str(error)
        case LedgerError():
            return (error.__cause__ and explain(error.__cause__)) or str(error)
        case botocore.NoCredentialsError() | botocore.PartialCredentialsError():
            return _NO_CREDENTIALS
        case botocore.ProfileNotFound():
            return f"{error}. Set AWS_PROFILE to a profile of ~/.aws/config."
        case botocore.SSOError() | botocore.TokenRetrievalError():
            return _EXPIRED
        case botocore.EndpointConnectionError():
            return f"{error} Is the local cloud running (`make run`), or the network down?"
        case botocore.ClientError():
            return _explain_refusal(error)
        case ResponseParserError():
            return "The answer is not one of AWS. Does a proxy or AWS_ENDPOINT_URL send the calls elsewhere?"
        case botocore.BotoCoreError():
            return str(error)
    return None


def is_denied(error: BaseException | None) -> bool:
    """Returns True when AWS denied the call to these credentials."""
    from botocore.exceptions import ClientError

    from runtime.aws_errors import code_of

    return isinstance(error, ClientError) and code_of(error) in _DENIED_CODES


def _explain_refusal(error: BaseException) -> str:
    from botocore.exceptions import ClientError

    from runtime.aws_errors import code_of

    assert isinstance(error, ClientError)
    code = code_of(error)
    if code in _EXPIRED_CODES:
        return _EXPIRED
    if code in _INVALID_CODES:
        return f"AWS does not know these credentials ({code}). Check AWS_PROFILE."
    if is_denied(error):
        return f"Permission denied: {error} Use a role that may do this, and check AWS_PROFILE."
    return str(error)
