"""What the upload ledger raises; apart from it, so that rules can name the errors without its AWS client."""

from uploads.record import Upload


class LedgerError(Exception):
    """The ledger could not be reached or refused the call. The call may be repeated."""


class UnknownUploadError(LookupError):
    """The ledger has no such upload."""


class LeaseHeldError(Exception):
    """Another worker is validating the upload, until `until` (seconds since the epoch) at the latest."""

    def __init__(self, until: float) -> None:
        super().__init__(f"leased until {until}")
        self.until = until


class SettledError(Exception):
    """The upload is past validation: accepted, rejected or held. `upload` is its record."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.status)
        self.upload = upload


class LeaseLostError(Exception):
    """The lease ran out and another worker, or an operator, has moved the upload on."""


class PartsSettledError(Exception):
    """The parts of the upload are aborted, or on their way to a verdict. `upload` is its record."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.status)
        self.upload = upload
