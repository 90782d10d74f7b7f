"""telemetry_tasks: client pings in, published distributions out."""

__version__ = "0.1.0"
