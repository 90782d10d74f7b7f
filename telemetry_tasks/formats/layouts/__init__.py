"""Layouts of what is published: a folder each."""
