"""RIFF containers: AVI and WebP."""
