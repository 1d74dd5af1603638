"""The command line `phenom` for operators and users, and the table of functions."""
