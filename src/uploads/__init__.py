"""What the functions of the upload pipeline share: the media types, the keys and the upload ledger."""
