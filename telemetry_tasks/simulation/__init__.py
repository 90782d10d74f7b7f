"""A fleet of clients that never was: plausible pings of an example browser, the same for the same seed."""
