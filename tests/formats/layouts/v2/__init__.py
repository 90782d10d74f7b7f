"""Layout 2."""
