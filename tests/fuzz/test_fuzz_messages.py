"""A short run of the fuzzer of messages; the long one is ``python -m tests.fuzz.fuzz_messages``."""

from pathlib import Path

from tests.fuzz.fuzz_messages import BATCH, run
from tests.support.seed import SEED


def test_a_worker_goes_on_working_whatever_is_in_its_queue(redis_url: str, tmp_path: Path) -> None:
    sent, refused = run(5.0, SEED, tmp_path, redis_url)
    assert sent >= BATCH
    assert refused >= sent / 4
