"""Builds and publishes the upload page."""
