"""The doors: what Celery calls."""
