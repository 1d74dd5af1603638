"""Settings, secrets, AWS error codes and the cold start, for all functions."""
