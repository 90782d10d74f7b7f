"""Many hosts: two with workers, one with Redis and the object store, each in a network namespace of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.bench import PATIENCE
from tests.faults.hosts.cut_off import CASE, RECORD
from tests.faults.hosts.network import NoNamespaces, in_own_network
from tests.faults.record import Record

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.case(CASE)
def test_a_host_that_is_cut_off_in_the_middle_and_comes_back_changes_no_byte(tmp_path: Path, record: Record) -> None:
    command = [sys.executable, "-m", "tests.faults.hosts.cut_off", str(tmp_path)]
    try:
        inside = in_own_network(command)
    except NoNamespaces as error:
        pytest.fail(f"this test needs network namespaces: {error}", pytrace=False)
    ran = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, timeout=3 * PATIENCE)
    print(ran.stdout)
    record.row.update(json.loads((tmp_path / RECORD).read_text()) if (tmp_path / RECORD).exists() else {})
    assert ran.returncode == 0, ran.stderr[-5000:]
