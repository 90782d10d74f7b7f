"""Lives lives: ``python -m tests.faults.simulation SEED [COUNT [STEP]] [--guard-off NAME]``; one of them is told.

Of several, a line of JSON for each that fails, and a last one with what was done to all of them together.
"""

import argparse
import json
import logging
import os
import secrets
import sys
import time
from collections import Counter
from random import Random

import structlog

from tests.faults.simulation.guards import GUARDS
from tests.faults.simulation.life import Life

HASH_SEED = "0"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("seed", type=int)
    arguments.add_argument("count", type=int, nargs="?", default=1)
    arguments.add_argument("step", type=int, nargs="?", default=1)
    arguments.add_argument("--guard-off", choices=sorted(GUARDS))
    arguments.add_argument("--stormy", action="store_true", help="lives of the worst weather")
    arguments.add_argument("--until-failed", action="store_true", help="end with the first that fails")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if given.guard_off:
        GUARDS[given.guard_off]()
    began, fates, done, failed, requests, looks = time.monotonic(), Counter[str](), Counter[str](), 0, 0, 0
    lives = 0
    for number in range(given.count):
        seed = given.seed + number * given.step
        dice = Random(f"tokens {seed}")
        secrets.token_hex = lambda size=16, dice=dice: dice.randbytes(size).hex()  # type: ignore[misc]
        life = Life(seed, stormy=given.stormy)
        error = ""
        try:
            life.live()
        except Exception as caught:  # noqa: BLE001 - whatever it is, this life has failed
            error = f"{type(caught).__name__}: {caught}"
            failed += 1
        lives += 1
        fates += life.weather.fates
        done += life.tasks.done
        requests += life.weather.requests
        looks += life.reader.looks
        if given.count == 1:
            print(*life.trace, sep="\n")
        if error:
            print(json.dumps({"seed": seed, "error": error[:2000]}), flush=True)
        if error and given.until_failed:
            break
    seconds = round(time.monotonic() - began, 1)
    told = {"lives": lives, "failed": failed, "requests": requests, "looks": looks, "seconds": seconds}
    print(json.dumps({**told, "fates": dict(sorted(fates.items())), "done": dict(sorted(done.items()))}), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:  # the order of sets is part of what a seed replays
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.faults.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": HASH_SEED},
        )
    sys.exit(main())
