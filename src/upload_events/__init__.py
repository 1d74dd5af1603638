"""Tells others what became of an upload: from the ledger's stream to EventBridge."""
