"""Changes to the emulator, applied in its own process before it starts."""
