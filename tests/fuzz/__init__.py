"""Random input against slow, obvious references."""
