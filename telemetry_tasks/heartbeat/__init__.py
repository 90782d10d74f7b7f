"""A file that a living process touches, for whoever has to restart it: ``python -m workers.probe`` reads it."""
