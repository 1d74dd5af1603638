"""Functions in containers, as `sam local` runs them, against the local cloud."""
