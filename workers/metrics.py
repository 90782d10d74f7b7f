"""The exporter of metrics for Prometheus: ``python -m workers.metrics``, once in a fleet."""

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.exporter.server import serve
from workers.start import refuse, settings_or_exit

if __name__ == "__main__":
    try:
        serve(settings_or_exit())
    except OperatorError as error:
        refuse(str(error))
