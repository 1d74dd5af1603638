"""What every function needs: settings, secrets, cold start."""
