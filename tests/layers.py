"""Which folder may import which: ``test_layers`` checks the table, ``python -m tests.layers`` puts it into the docs."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- layers -->\n", "<!-- end of layers -->"


class Layer(NamedTuple):
    """What a folder or a module holds, and which others it may import. ``x/*`` is a folder with all below it."""

    what: str
    below: tuple[str, ...] = ()


CONTRACTS = ("storage", "storage/definitions/contract")
"""What the pipeline may know of storage: contracts, and nothing of S3, Redis or folders."""

OF_ONE_FORMAT = ("formats/pings/arrays", "formats/pings/saved_session")
"""How one kind of ping is read: the name of a folder above does not include these; a layer that needs one names it."""

ROOT_OF_PIPELINE = ("errors", "core/*", "formats/*", "failpoints", "metrics", *CONTRACTS)
STEP = (*ROOT_OF_PIPELINE, "pipeline")

LAYERS = {
    "errors": Layer("the exceptions, sorted by who acts"),
    "failpoints": Layer("where tests stop or kill a process", ("errors",)),
    "metrics": Layer("every metric, declared once"),
    "core": Layer("rows, cells, exact sums, bounds, partitions: pure", ("errors",)),
    "core/tables": Layer("the sums of one measure by date and population", ("core",)),
    "core/disclosure": Layer("what may be shown: suppression, options, filter tree", ("errors", "core", "core/tables")),
    "formats/kernels": Layer("which kernel is used: C or SIMD", ("errors",)),
    "formats/documents": Layer("compressed documents of JSON or text, and their headers", ("errors", "core")),
    "formats/stamps": Layer("names of snapshots and checkpoints", ()),
    "formats/pings": Layer("ping files, and what a ping format brings", ("errors", "core")),
    "formats/pings/arrays": Layer(
        "base of formats with arrays of numbers: lines into sums",
        ("errors", "core", "formats/kernels", "formats/pings"),
    ),
    "formats/pings/saved_session": Layer(
        "the ping format of 2013: keys, rows, `Histograms.json`",
        ("errors", "core", "formats/pings", "formats/pings/arrays"),
    ),
    "formats/rows": Layer("rows of published documents as JSON", ("core/tables", "formats/kernels")),
    "formats/layouts": Layer(
        "what a snapshot holds, and the contract of a layout of published documents",
        ("errors", "core/*", "formats/documents"),
    ),
    "formats/layouts/v1": Layer(
        "layout 1: a module for each published document, writer and reader",
        (
            *("errors", "core/*", "formats/documents", "formats/kernels", "formats/rows", "formats/stamps"),
            *("formats/layouts", "formats/published_paths"),
        ),
    ),
    "formats/layouts/v2": Layer(
        "layout 2: packs, manifests and snapshots, writer and reader; reading needs numpy alone",
        ("errors", "core/*", "formats/documents", "formats/layouts"),
    ),
    "formats": Layer("bytes ⇄ values, a module for each outside format: pure", ("errors", "core/*", "formats/*")),
    "formats/published_paths": Layer("what follows from the path of a published object", ("formats/documents",)),
    "storage": Layer("contracts of object stores, state and queues", ("errors", "core", "formats")),
    "storage/definitions/contract": Layer("the contract of a source of definitions", ("errors", "core")),
    "storage/definitions": Layer("definitions from a folder, a prefix or HTTP", ("errors", "core", *CONTRACTS)),
    "storage/local": Layer("object store in a folder", ("errors", "storage")),
    "storage/s3": Layer("object store on S3", ("errors", "core", "storage")),
    "storage/redis": Layer("state in Redis", ("errors", "failpoints", "core", "formats", "storage")),
    "storage/open": Layer("an object store by its URL", ("errors", "storage", "storage/local", "storage/s3")),
    "pipeline": Layer("what the steps share: services, options, epoch, leases", ROOT_OF_PIPELINE),
    "pipeline/intake": Layer("new files into waiting partitions", STEP),
    "pipeline/aggregate": Layer("a partition into a partial result", STEP),
    "pipeline/state": Layer("partial results into the state", STEP),
    "pipeline/publish": Layer("the state into a snapshot", (*STEP, "pipeline/state")),
    "pipeline/snapshot": Layer("the state as a snapshot of layout 2", (*STEP, "pipeline/state", "pipeline/publish")),
    "pipeline/recovery": Layer("checkpoint, restore, garbage", (*STEP, "pipeline/state", "pipeline/publish")),
    "pipeline/reprocess": Layer(
        "merged files again, or out",
        (*STEP, "pipeline/intake", "pipeline/aggregate", "pipeline/state", "pipeline/publish"),
    ),
    "pipeline/inspect": Layer("status, alerts, verify", (*STEP, "pipeline/*")),
    "settings": Layer(
        "the only reader of the environment",
        ("errors", "core", "core/*", "formats", "formats/kernels", "formats/pings", "formats/pings/saved_session"),
    ),
    "logs": Layer("log lines, without secrets", ("errors",)),
    "heartbeat": Layer(
        "what a living process leaves: a file, a line in the state",
        ("errors", "core", "settings", "storage", "storage/redis"),
    ),
    "bootstrap": Layer(
        "builds the services of a process",
        ("errors", "core/*", "formats/*", "formats/pings/saved_session", "storage/*", "pipeline/*", "settings"),
    ),
    "preflight": Layer("checks the services before work starts", ("errors", "storage/*", "settings")),
    "celery_guards": Layer(
        "what Celery does not survive by itself: odd messages, stops, forks",
        ("errors", "metrics", "formats", "settings", "bootstrap"),
    ),
    "app": Layer(
        "the Celery app",
        ("errors", "settings", "logs", "heartbeat", "celery_guards", "bootstrap", "preflight"),
    ),
    "beat": Layer("the app for beat, without the tasks' code", ("app",)),
    "monitor": Layer("the app for Flower, with our logging", ("app", "logs", "settings")),
    "tasks": Layer(
        "a door of a few lines for each step",
        ("errors", "metrics", "core/*", "formats/*", "pipeline/*", "settings", "bootstrap", "app"),
    ),
    "exporter": Layer(
        "the metrics, served to Prometheus",
        ("errors", "metrics", "core/*", "formats/*", "storage/*", "pipeline/*", "settings", "logs", "bootstrap"),
    ),
    "simulation": Layer(
        "a client fleet, which sends saved-session pings",
        ("errors", "core/*", "formats/*", "formats/pings/saved_session", *CONTRACTS),
    ),
    "reader": Layer(
        "the public reader of published data; needs numpy alone",
        ("errors", "core", "formats/layouts/v2"),
    ),
    "web": Layer("what our HTTP servers share: limits, ranges, validators, compression", ("errors", "storage")),
    "page_server": Layer(
        "the page and the published data, served over HTTP",
        ("errors", "core", "formats", "formats/*", "storage", "storage/open", "settings", "bootstrap", "web"),
    ),
    "embedded": Layer(
        "the servers and the supervisor of `up`",
        (
            "errors",
            "core/*",
            "formats/*",
            "storage/*",
            "pipeline/*",
            "settings",
            "simulation",
            "bootstrap",
            "page_server",
        ),
    ),
    "cli": Layer(
        "the commands",
        (
            *("errors", "metrics", "core/*", "formats/*", "storage/*", "pipeline/*", "settings", "logs", "bootstrap"),
            *(
                "formats/pings/arrays",
                "formats/pings/saved_session",
                "preflight",
                "app",
                "tasks",
                "simulation",
                "embedded",
                "reader",
            ),
        ),
    ),
}


def layer_of(name: str) -> str:
    """The layer of a module, as in ``pipeline/publish/render``: the longest entry that it is in.

    Raises ``KeyError`` if it is in none.
    """
    parts = name.split("/")
    for length in range(len(parts), 0, -1):
        if (entry := "/".join(parts[:length])) in LAYERS:
            return entry
    raise KeyError(f"{name} is in no layer; add its folder to LAYERS")


def allowed(layer: str) -> set[str]:
    """The layers that a layer may import, itself included."""
    found = {layer}
    for name in LAYERS[layer].below:
        if name.endswith("/*"):
            top = name.removesuffix("/*")
            below = {other for other in LAYERS if other == top or other.startswith(f"{top}/")}
            found |= below - set(OF_ONE_FORMAT)
        else:
            found.add(name)
    return found


def table() -> str:
    """The layers as a table of Markdown, lowest first."""
    lines = ["| layer | what | may import |", "|---|---|---|"]
    for name, (what, below) in LAYERS.items():
        lines.append(f"| `{name}` | {what} | {', '.join(below)} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page of the docs with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
