"""Ties the prefork children of a Celery worker to its main process: ``celery worker -I`` this module.

A child whose main process was killed would otherwise finish its task first, while the restarted worker
already runs the same task again.
"""

import os
import signal
import sys

from celery.signals import worker_process_init

from telemetry_tasks.embedded.exec_shim import die_with_parent


@worker_process_init.connect
def follow_main_process(**_: object) -> None:
    if sys.platform.startswith("linux"):
        die_with_parent(signal.SIGKILL)
        if os.getppid() == 1:
            os.kill(os.getpid(), signal.SIGKILL)
