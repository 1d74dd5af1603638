"""Checks for a second file inside or behind a file."""
