"""Publishes upload status changes: from the stream of the uploads table to EventBridge."""
