"""Tests mirror the package. A package itself, so that the helpers under ``tests.servers`` can be imported."""
