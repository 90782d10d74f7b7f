"""The page at ``/`` and the published data at ``/data/``.

``python -m telemetry_tasks.page_server --folder static --port 8080``

Meant for a single machine, or behind a reverse proxy. The bucket behind ``/data/`` is ``TELEMETRY_PUBLISHED_URL``.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from telemetry_tasks.bootstrap import s3_options
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.page_server.application import application
from telemetry_tasks.page_server.built import check_built
from telemetry_tasks.page_server.files import PageFiles
from telemetry_tasks.page_server.policy import page_headers
from telemetry_tasks.page_server.published import PublishedFiles
from telemetry_tasks.settings import Settings, settings
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.web.blocking import BlockingWork
from telemetry_tasks.web.server import serve

PATIENCE = 5.0
"""Seconds that a request waits for its turn at the object store."""

STEP_SECONDS = 12.0
"""In which the store must give an object or its next piece: time for one retry."""

CONNECT_SECONDS, READ_SECONDS, TRIES = 2.0, 5.0, 2
"""A reader of the page would rather be told soon than wait as a task does."""

FOLDER_THREADS = 4


def store_for_readers(chosen: Settings) -> ObjectStore:
    """The published store, with the times of a reader."""
    impatient = replace(
        s3_options(chosen), connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, max_attempts=TRIES
    )
    return open_object_store(chosen.published_url, impatient)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="telemetry-tasks-page", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="folder of the page's files; only /data/ is served without")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--connect", nargs="*", default=[], help="further origins that the page may read data from")
    options = parser.parse_args(arguments)
    try:
        page = None
        chosen = settings()
        if options.folder:
            check_built(options.folder)
            page = PageFiles(options.folder, page_headers(tuple(options.connect), chosen.page_frame_ancestors))
        published = PublishedFiles(
            store_for_readers(chosen), BlockingWork(chosen.s3_max_connections, PATIENCE, STEP_SECONDS)
        )
        # threads of their own: files of the page do not wait for a store that is slow
        from_folder = BlockingWork(FOLDER_THREADS, PATIENCE, STEP_SECONDS)
        serve(application(page, published, from_folder), options.address, options.port)
    except TelemetryError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
