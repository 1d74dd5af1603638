"""The AWS emulator: its process and the changes made to it."""
