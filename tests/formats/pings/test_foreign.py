"""Files that hold something else than pings: missing files that say what they are, and nothing lost beside."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.formats.kernels import NATIVE, SIMD
from telemetry_tasks.pipeline.aggregate.files import PingFile
from tests.support.aggregating import aggregated
from tests.support.pings import key, ping

GOOD = f"id\t{json.dumps(ping())}\n".encode()
TEXT = GOOD * 50


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pings", TEXT)
    return target.getvalue()


def tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("pings")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    return target.getvalue()


HEKA = b"\x1e\x02\x08\x63\x1f" + bytes(range(128, 227))
COMPRESSED = {
    "bzip2": bz2.compress(TEXT),
    "lz4": bytes.fromhex("04224d186440a7c7010000f0") + b"\xff" * 60,
    "zip": zipped(),
    "zlib": zlib.compress(TEXT),
    "zlib, fast": zlib.compress(TEXT, 1),
    "zstd of before version 0.8": bytes.fromhex("27b52ffd0458d50a") + b"\xf0" * 60,
    "7z": b"7z\xbc\xaf\x27\x1c\0\x04" + b"\xf0" * 60,
    "snappy": b"\xff\x06\0\0sNaPpY" + b"\xf0" * 60,
    "compress (.Z)": b"\x1f\x9d\x90" + b"\xf0" * 60,
    "gzip, packed twice": gzip.compress(gzip.compress(TEXT)),
    "xz, packed twice": gzip.compress(lzma.compress(TEXT)),
    "zstd, packed twice": zstandard.compress(zstandard.compress(TEXT)),
    "lzma, packed twice": lzma.compress(lzma.compress(TEXT, lzma.FORMAT_ALONE)),
    "bzip2 within xz": lzma.compress(bz2.compress(TEXT)),
    "gzip in base64": base64.encodebytes(gzip.compress(TEXT)),
    "zlib in base64": base64.b64encode(zlib.compress(TEXT)),
}
OTHER = {
    "a Parquet file": b"PAR1\x15\x04" + b"\xf0" * 60 + b"PAR1",
    "an Avro file": b"Obj\x01\x04\x16avro.schema" + b"\xf0" * 60,
    "an ORC file": b"ORC\x0a" + b"\xf0" * 60,
    "a tar archive": tar().replace(b"\t", b" "),  # lines of what is in it would count
    "a PDF document": b"%PDF-1.4\n1 0 obj\n",
    "a Heka log": HEKA,
    "an HTML page": b"\n<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n",
    "an error of S3 (SlowDown)": b'<?xml version="1.0"?>\n<Error><Code>SlowDown</Code></Error>\n',
    "an XML document": b'<?xml version="1.0"?>\n<a/>\n',
    "text in UTF-16": TEXT.decode().encode("utf-16"),
}


def read(*bodies: bytes, limits: Limits | None = None, kernel: str = SIMD) -> list[FileReport]:
    """The reports of files with these contents, and that of a good one behind them."""
    files = [PingFile(key(f"{at:02d}"), lambda body=body: iter([body])) for at, body in enumerate((*bodies, TEXT))]
    *reports, good = aggregated(Path(), files, limits=limits, kernel=kernel).files
    assert (good.good, good.bad, good.error) == (50, {}, None)
    return reports


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
@pytest.mark.parametrize("name", COMPRESSED)
def test_an_unknown_compression_is_a_missing_file_and_has_no_bad_lines(name: str, kernel: str) -> None:
    (report,) = read(COMPRESSED[name], kernel=kernel)
    assert report.error
    assert report.error.startswith(f"unknown-compression: the content is {name.split(',')[0].split(' within')[0]}")
    assert (report.good, report.bad) == (0, {})


@pytest.mark.parametrize("name", OTHER)
def test_a_file_of_something_else_is_a_missing_file_that_says_what_it_is(name: str) -> None:
    (report,) = read(OTHER[name])
    assert report.error
    assert report.error.startswith(f"not-a-ping-file: the content is {name}")
    assert (report.good, report.bad) == (0, {})


@pytest.mark.parametrize("name", [*COMPRESSED, *OTHER])
def test_one_good_line_counts_whatever_the_file_begins_with(name: str) -> None:
    if "packed twice" in name or "within" in name:
        body = gzip.compress(b"\x1f\x8b nothing\n" + GOOD)
    else:
        body = {**COMPRESSED, **OTHER}[name] + b"\n" + GOOD
    (report,) = read(body)
    assert (report.good, report.error) == (1, None)


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_an_error_of_s3_is_named_however_its_lines_and_its_pieces_are_cut(piece: int) -> None:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n\n<Error>\n  <Code>AccessDenied</Code>\n</Error>\n'
    pieces = [body[at : at + piece] for at in range(0, len(body), piece)]
    (report,) = aggregated(Path(), [PingFile(key("a"), lambda: iter(pieces))]).files
    assert report.error
    assert report.error.startswith("not-a-ping-file: the content is an error of S3 (AccessDenied)")


def test_a_file_without_a_good_line_is_missing_with_the_most_frequent_reason() -> None:
    (report,) = read(b"no tab\n" * 3 + b"id\t{\n" * 2)
    assert report.error == "no-good-line: 5 bad lines, most of them no-tab"
    assert report.bad == {"no-tab": 3, "not-json": 2}


def test_a_file_without_a_line_is_processed() -> None:
    assert [(report.good, report.error) for report in read(b"", gzip.compress(b""))] == [(0, None)] * 2


def test_lines_that_end_with_a_carriage_return_alone_are_told() -> None:
    (report,) = read(TEXT.replace(b"\n", b"\r"))
    assert report.error
    assert report.error.startswith("no-good-line: lines end with a carriage return alone")
    (report,) = read(TEXT.replace(b"\n", b"\r\n"))
    assert (report.good, report.error) == (50, None)


def test_pings_that_are_refused_for_their_dates_make_no_missing_file() -> None:
    files = [PingFile(key(day=5), lambda: iter([GOOD + b"no tab\n"]))]
    (report,) = aggregated(Path(), files, limits=Limits(latest_date="20130101")).files
    assert (report.good, report.bad, report.error) == (0, {"submission-date-too-late": 1, "no-tab": 1}, None)


def test_what_breaks_off_says_so_whatever_it_holds() -> None:
    (report,) = read(gzip.compress(bz2.compress(TEXT))[:-9])
    assert report.error
    assert report.error.startswith("truncated")
