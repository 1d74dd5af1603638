"""The subcommands of `phenom`."""
