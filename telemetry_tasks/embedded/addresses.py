"""The output of `up`: all addresses, for a person or for a script. Commands are quoted for the shell."""

import json
import shlex
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.text import Text

LABEL_WIDTH = 15


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs of what runs, None for what does not; ``ready_seconds`` from the start to all being ready."""

    page: str | None
    data: str | None
    flower: str | None
    flower_user: str | None
    flower_password: str | None
    metrics: str
    s3: str
    published: str
    redis_state: str
    redis_broker: str
    data_dir: str
    logs: str
    environment: str
    ready_seconds: float


def as_json(addresses: Addresses) -> str:
    """One line; the keys are the fields of ``Addresses``."""
    return json.dumps(asdict(addresses))


def print_table(addresses: Addresses, console: Console) -> None:
    """One address a line, however narrow the terminal: what is copied from it has to be whole."""
    lines = [Text.assemble((f"{name:<{LABEL_WIDTH}}", "bold"), value) for name, value in _rows(addresses)]
    ready = f"Ready after {addresses.ready_seconds:.1f} s. Ctrl-C stops everything; the data stay."
    for line in ("", *lines, "", ready, ""):
        console.print(line, soft_wrap=True, highlight=False)


def _rows(addresses: Addresses) -> list[tuple[str, str]]:
    login = f"   (user {addresses.flower_user}, password {addresses.flower_password})"
    rows = (
        ("Page", addresses.page),
        ("Data", addresses.data),
        ("Flower", addresses.flower and addresses.flower + login),
        ("Metrics", addresses.metrics),
        ("S3", f"{addresses.s3}   (published: {addresses.published})"),
        ("Redis", f"{addresses.redis_state} (state)   {addresses.redis_broker} (broker)"),
        ("Logs", addresses.logs),
        ("Other shells", f". {shlex.quote(addresses.environment)}"),
    )
    return [(name, value) for name, value in rows if value]
