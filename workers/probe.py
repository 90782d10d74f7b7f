"""Whether a process lives, for what restarts it; imports nothing heavy.

``python -m workers.probe FILE``: whether the process that keeps ``TELEMETRY_HEARTBEAT`` at FILE has touched it within
``--seconds``; with ``--ready`` also whether it has its broker. ``python -m workers.probe http://host:port/path``:
whether a server answers. Exit code 0, or 1 and a line that says why.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TIMEOUT = 10.0  # seconds for an answer by HTTP


def file_problem(path: Path, seconds: float, now: float, *, ready: bool = False) -> str | None:
    """What is wrong with the process behind a heartbeat file; None when it lives. ``now`` as ``time.time()``."""
    try:
        age = now - path.stat().st_mtime
        word = path.read_text("ascii").strip()
    except FileNotFoundError:
        return f"{path} is not there: the process has not started, or has stopped, or TELEMETRY_HEARTBEAT is another"
    except (OSError, UnicodeDecodeError) as error:
        return f"{path} cannot be read: {error}"
    if age > seconds:
        return f"{path} was touched {age:.0f} s ago, more than {seconds:g} s: the process hangs or is gone"
    if ready and word != "ready":
        return f"{path} says {word!r}: the process has no broker"
    return None


def http_problem(url: str, timeout: float = TIMEOUT) -> str | None:
    """What is wrong with the server at ``url``; None when it answers and does not fail."""
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(url, timeout=timeout):
            return None
    except HTTPError as error:
        return f"{url} answers {error.code}" if error.code >= 500 or error.code == 404 else None
    except (URLError, OSError, ValueError) as error:
        return f"{url} does not answer: {error}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m workers.probe", description="Whether a process lives.")
    parser.add_argument("target", metavar="FILE|URL", help="the file of TELEMETRY_HEARTBEAT, or http://…")
    parser.add_argument("--seconds", type=float, default=60.0, help="age of the file from which the process is dead")
    parser.add_argument("--ready", action="store_true", help="the process must also have its broker")
    options = parser.parse_args(arguments)
    if options.target.startswith(("http://", "https://")):
        problem = http_problem(options.target)
    else:
        problem = file_problem(Path(options.target), options.seconds, time.time(), ready=options.ready)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
