"""The upload API: issues URLs, for a whole file or its parts, and reports the status of uploads."""
