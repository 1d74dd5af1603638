"""Errors of the upload ledger, in their own module so that rules need not import its AWS client."""

from uploads.record import Upload


class LedgerError(Exception):
    """The ledger cannot be reached or refused the call. The call may be repeated."""


class UnknownUploadError(LookupError):
    """The ledger has no upload with this id."""


class LeaseHeldError(Exception):
    """Another worker holds the lease of the upload, at most until `until` (seconds since the epoch)."""

    def __init__(self, until: float) -> None:
        super().__init__(f"leased until {until}")
        self.until = until


class SettledError(Exception):
    """The upload is accepted, rejected or held already. `upload` is its record."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.status)
        self.upload = upload


class LeaseLostError(Exception):
    """The lease expired, and another worker or an operator has changed the upload since."""


class PartsSettledError(Exception):
    """The parts of the upload are already completed or aborted. `upload` is its record."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.status)
        self.upload = upload
