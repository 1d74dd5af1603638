"""What a file really is: one structural parser per format, reading bounded ranges on demand."""

from validator.formats.inspection import budget_for, inspect

__all__ = ["budget_for", "inspect"]
