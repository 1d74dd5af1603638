"""Uploads as presign, the validator and upload_events share them: media types, keys, the ledger."""
