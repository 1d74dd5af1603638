"""Event cases for tests and `sam local invoke`."""
