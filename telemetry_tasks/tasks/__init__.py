"""Celery tasks: each is a door to one pipeline step."""
