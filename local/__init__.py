"""The local cloud behind `make run`: an AWS emulator on loopback with the real stack deployed to it."""
