"""Messages to the workers."""

from collections.abc import Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.errors import redacted, translated
from telemetry_tasks.tasks.control import send_jobs
from telemetry_tasks.tasks.reprocessing import send_job

SECONDS = 3.0


@contextmanager
def _broker(settings: Settings) -> Iterator[None]:
    """Translates what goes wrong between here and the broker.

    Broker and result backend are asked first: Celery itself would try for 20 seconds, and end with an error of
    its own making.
    """
    url = redacted(settings.broker_address)
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.2, timeout=SECONDS)
        with translated(redacted(settings.result_address)):
            app.backend.client.ping()
        with translated(url):
            yield
    except OperationalError as error:
        raise InfrastructureError(f"the broker at {url} does not answer: {error}; is it running?") from error


def dispatch(services: Services, settings: Settings) -> None:
    """Sends waiting partitions to the workers, as many as the window allows."""
    with _broker(settings):
        send_jobs(services)


def send_reprocessing(services: Services, settings: Settings, plan: JobPlan) -> None:
    """Sends what is left of a job of reprocessing."""
    with _broker(settings):
        send_job(services, plan.channel_version, plan.id)
