"""Bytes to values and back: one module for each outside format. Pure."""
