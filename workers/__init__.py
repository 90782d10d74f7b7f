"""One small entry point for each kind of process of a fleet; the Procfile runs them."""
