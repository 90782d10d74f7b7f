"""Scanners: lines of pings into an accumulator. ``json_line`` is right, the others are fast and as right."""
