"""Every block of the documentation runs, or is at least what it says it is.

A block's info string is its language, then tags. Shell blocks without a tag are run by bash in a scratch folder, where
the settings name a Redis and an S3 server of this module; the blocks of one page share the folder. Tags say why a shell
block is not run, and what it is checked for instead: bash's syntax, and that the program knows the commands in it.
"""

import configparser
import functools
import http.server
import json
import lzma
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import ALL, PAGES, ROOT, Block, blocks
from tests.docs.shell import check_commands, check_syntax
from tests.servers.redis import RedisServer
from tests.servers.s3 import S3Server
from tests.servers.weed import WeedServer
from tests.support.shared import REAL_KEYS, SHARED, lay_real_pings

NOT_RUN = {
    "usage": "shows how a command is called, with files that are nobody's",
    "make": "installs, or runs until it is stopped",
    "network": "fetches something",
    "fleet": "is run by tests/deploy/test_readme.py, in an environment of its own",
    "docker": "needs a container engine",
    "aws": "needs an account of AWS",
    "kubectl": "needs a cluster",
    "systemd": "needs an init",
    "redis": "changes a server of the reader's",
}
SHELL = ("sh", "bash", "console")
TEXT = ("text", "mermaid")
JS = ("js", "html")
DATA = ("json", "yaml", "ini", "toml")
KNOWN = (*SHELL, *TEXT, *JS, *DATA, "python", "sql")  # tests/docs/test_parquet.py runs SQL
DIAGRAMS = ("flowchart ", "sequenceDiagram", "stateDiagram-v2", "classDiagram", "erDiagram")
LIMIT = 300
BASE = "https://bucket.example/published"


def only(*languages: str) -> pytest.MarkDecorator:
    found = [block for block in ALL if block.language in languages]
    return pytest.mark.parametrize("block", found, ids=str)


@pytest.fixture(scope="module")
def redis_of_docs() -> Iterator[RedisServer]:
    with RedisServer(durable=True) as server:
        yield server


@pytest.fixture
def environment(redis_of_docs: RedisServer, weed_server: WeedServer, tmp_path: Path) -> dict[str, str]:
    """As a reader's shell whose settings name servers; the program is on the path, as after an installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TELEMETRY_", "PYTHON"))}
    stores = {f"TELEMETRY_{name}_URL": f"s3://{weed_server.new_bucket()}" for name in ("INPUT", "RESULTS", "PUBLISHED")}
    return (
        kept
        | stores
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TELEMETRY_REDIS_URL": redis_of_docs.url_of(1),
            "TELEMETRY_BROKER_URL": redis_of_docs.url_of(0),
            "TELEMETRY_REDIS_PREFIX": tmp_path.name,
            "TELEMETRY_S3_ENDPOINT_URL": weed_server.endpoint_url,
            "TELEMETRY_S3_ADDRESSING_STYLE": "path",
            "TELEMETRY_S3_REGION": "us-east-1",
            "TELEMETRY_DEFINITIONS": json.dumps([str(SHARED / "data" / "definitions")]),
            "OPENBLAS_NUM_THREADS": "1",
            "NO_COLOR": "1",
        }
    )


def run(command: list[str], cwd: Path, environment: dict[str, str]) -> str:
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert ran.returncode == 0, f"exit code {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def is_run(block: Block) -> bool:
    return block.language in SHELL and not block.tags


def make_buckets(server: S3Server, script: str) -> None:
    """The buckets that a reader would have."""
    for name in set(re.findall(r"s3://([\w.-]+)", script)):
        server.client().create_bucket(Bucket=name)


@pytest.mark.parametrize("page", [page for page in PAGES if any(map(is_run, blocks(page)))], ids=lambda page: page.name)
def test_the_shell_blocks_of_a_page_run_one_after_the_other(
    page: Path, environment: dict[str, str], weed_server: WeedServer, tmp_path: Path
) -> None:
    for block in blocks(page):
        if "file" in {tag.partition("=")[0] for tag in block.tags}:
            write_file(block, tmp_path)
        if is_run(block):
            script = re.sub(r"^\$ ", "", block.text, flags=re.M) if block.language == "console" else block.text
            make_buckets(weed_server, script)
            print(block, run(["bash", "-euo", "pipefail", "-c", script], tmp_path, environment))


def write_file(block: Block, folder: Path) -> None:
    """A block with the tag ``file=NAME`` is a file that the reader is told to write."""
    (name,) = (tag.removeprefix("file=") for tag in block.tags if tag.startswith("file="))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, "utf-8")


@only(*SHELL)
def test_bash_and_the_program_understand_every_shell_block(block: Block) -> None:
    script = re.sub(r"^\$ ", "", block.text, flags=re.M)
    check_syntax(script)
    check_commands(script)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_program_knows_the_commands_that_the_text_names(page: Path) -> None:
    for code in re.findall(r"`(telemetry-tasks [a-z-][^`\n…\[]*)…?`", page.read_text("utf-8")):
        try:
            check_commands(code)
        except Exception as error:
            if type(error).__name__ != "MissingParameter":  # text may name a command without what it works on
                raise


@only("python")
def test_python_blocks_run(block: Block, environment: dict[str, str], tmp_path: Path) -> None:
    run([sys.executable, "-c", block.text], tmp_path, environment)


@only(*DATA)
def test_data_can_be_read(block: Block) -> None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        assert list(yaml.safe_load_all(block.text))
    elif block.language == "toml":
        tomllib.loads(block.text)
    else:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(block.text)
        assert parser.sections()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, redis_of_docs: RedisServer) -> Iterator[str]:
    """The URL of a published prefix with the real pings in it."""
    folder = tmp_path_factory.mktemp("published")
    root = folder / "input"
    (folder / "results").mkdir()
    (folder / "published").mkdir()
    for key in lay_real_pings(root):
        if "corrupted" in key:
            (root / key).unlink()
    systems = (root / REAL_KEYS["ss-ff-n-28.lzma"]).with_name(OTHER_SYSTEMS)
    systems.write_bytes(b"".join(on_other_systems((SHARED / "data" / "pings" / "ss-ff-n-28.lzma").read_bytes())))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TELEMETRY_")},
        **{f"TELEMETRY_{name.upper()}_URL": f"folder://{folder}/{name}" for name in ("input", "results", "published")},
        "TELEMETRY_REDIS_URL": redis_of_docs.url_of(1),
        "TELEMETRY_BROKER_URL": redis_of_docs.url_of(0),
        "TELEMETRY_REDIS_PREFIX": "published",
        "TELEMETRY_DEFINITIONS": json.dumps([str(SHARED / "data" / "definitions")]),
    }
    run([sys.executable, "-c", PUBLISH], ROOT, environment)
    handler = functools.partial(Quiet, directory=str(folder / "published"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


OTHER_SYSTEMS = "20131029030201.20131029.v2.log.systems"


def on_other_systems(packed: bytes) -> Iterator[bytes]:
    """The first ping of a file, as clients on other systems would have sent it."""
    name, text = lzma.decompress(packed).splitlines()[0].split(b"\t", 1)
    for system in ("Darwin", "WINNT"):
        ping = json.loads(text)
        ping["info"]["OS"] = system
        yield name + b"\t" + json.dumps(ping).encode() + b"\n"


PUBLISH = """
from telemetry_tasks.bootstrap import services
from telemetry_tasks.settings import load_settings
from tests.support.deployment import run_all
run_all(services(load_settings()))
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""

    def end_headers(self) -> None:
        """Documents are stored packed, and said to be so."""
        path = Path(self.translate_path(self.path))
        if path.is_file() and path.read_bytes()[:2] == b"\x1f\x8b":
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()


@only(*JS)
def test_the_scripts_run_against_what_is_published(
    block: Block, environment: dict[str, str], published: str, tmp_path: Path
) -> None:
    library = tmp_path / "node_modules" / "telemetry-tasks-client"
    library.parent.mkdir()
    library.symlink_to(ROOT / "static")
    assert block.language == "js" or BASE in block.text
    code = block.text if block.language == "js" else "\n".join(re.findall(r"<script>(.*?)</script>", block.text, re.S))
    lines = [] if block.language == "js" else [CLASSIC]
    (tmp_path / "snippet.mjs").write_text("\n".join([*lines, code]).replace(BASE, published))
    said = run(["node", "snippet.mjs"], tmp_path, environment)
    assert bool(said) == ("console.log" in code)


CLASSIC = f"""
import {{ createRequire }} from "node:module";
globalThis.Telemetry = createRequire(import.meta.url)("telemetry-tasks-client");
const init = Telemetry.init;
Telemetry.init = (then) => init({{ base: "{BASE}" }}, then);
"""
"""What the script tag does in a page."""


@only(*TEXT)
def test_diagrams_are_of_a_kind_that_is_drawn(block: Block) -> None:
    assert block.text.strip()
    if block.language == "mermaid":
        assert block.text.startswith(DIAGRAMS)
        for opening, closing in ("[]", "()", "{}"):
            assert block.text.count(opening) == block.text.count(closing)


def test_every_block_says_what_it_is() -> None:
    wrong = [f"{block}: {block.language!r}" for block in ALL if block.language not in KNOWN]
    for block in ALL:
        tags = {tag for tag in block.tags if not tag.startswith("file=")}
        wrong += [f"{block}: the tag {tag!r} is not known" for tag in tags - set(NOT_RUN)]
        wrong += [f"{block}: tags are for shell blocks" for _ in tags if block.language not in SHELL]
    assert wrong == []
