"""Beat's application: the settings of the others, none of the tasks' code."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LOADED = """
import sys
from telemetry_tasks.beat import app
import telemetry_tasks.heartbeat.beat
app.loader.import_default_modules()
app.finalize()
names = {name.partition(".")[0] for name in sys.modules} | {".".join(n.split(".")[:2]) for n in sys.modules}
print(sorted(names & {"numpy", "boto3", "telemetry_tasks.tasks", "telemetry_tasks.pipeline"}))
print(sorted(app.conf.beat_schedule), app.conf.task_serializer, app.conf.task_routes["publish"])
"""


def test_beat_loads_no_task_and_none_of_what_they_need() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    loaded, schedule = ran.stdout.splitlines()
    assert loaded == "[]"
    assert "'merge_round'" in schedule
    assert "msgpack {'queue': 'publish'}" in schedule
