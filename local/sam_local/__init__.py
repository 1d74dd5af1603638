"""Runs functions in containers with `sam local`, against the local cloud."""
