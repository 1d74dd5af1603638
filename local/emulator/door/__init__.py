"""The door in front of the emulator: refuses requests of other sites and requests without a valid signature."""
