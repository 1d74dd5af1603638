"""Changes to the emulator where it differs from AWS; launch.py applies them before it starts."""
