import io
import json
import shlex
from dataclasses import replace

from rich.console import Console

from telemetry_tasks.embedded.addresses import Addresses, as_json, print_table

ADDRESSES = Addresses(
    page="http://127.0.0.1:18080/",
    data="http://127.0.0.1:18080/data/",
    flower="http://127.0.0.1:18081/",
    flower_user="telemetry",
    flower_password="a[bold]b_c-d",
    metrics="http://127.0.0.1:18089/metrics",
    s3="http://127.0.0.1:18084",
    published="s3://telemetry",
    redis_state="redis://127.0.0.1:18083/0",
    redis_broker="redis://127.0.0.1:18082/0",
    data_dir="/a/long/path/" * 9,
    logs="/a/long/path/" * 9 + "logs",
    environment="/a/long/path/" * 9 + "environment.sh",
    ready_seconds=4.25,
)


def printed(addresses: Addresses) -> str:
    out = io.StringIO()
    print_table(addresses, Console(file=out, width=40))
    return out.getvalue()


def test_addresses_are_whole_on_a_narrow_terminal() -> None:
    lines = printed(ADDRESSES).splitlines()
    assert "Page           http://127.0.0.1:18080/" in lines
    assert "Metrics        http://127.0.0.1:18089/metrics" in lines
    assert f"Logs           {ADDRESSES.logs}" in lines
    assert "Flower         http://127.0.0.1:18081/   (user telemetry, password a[bold]b_c-d)" in lines


def test_what_does_not_run_has_no_line() -> None:
    text = printed(replace(ADDRESSES, page=None, data=None, flower=None))
    assert "Page" not in text
    assert "Flower" not in text
    assert "None" not in text


def test_the_command_for_other_shells_is_quoted_for_them() -> None:
    (line,) = [
        each
        for each in printed(replace(ADDRESSES, environment="/a b/it's/environment.sh")).splitlines()
        if " . " in each
    ]
    assert shlex.split(line.removeprefix("Other shells")) == [".", "/a b/it's/environment.sh"]


def test_a_script_reads_one_line() -> None:
    assert "\n" not in as_json(ADDRESSES)
    assert json.loads(as_json(ADDRESSES))["flower_password"] == "a[bold]b_c-d"
