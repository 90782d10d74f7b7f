"""Ping files, and ping formats: a folder each. To add one, see docs/ping-formats.md."""
