"""A short run of the fuzzers; the long ones are commands of their own."""

import os

import pytest

from telemetry_tasks.formats.scan import SIMD, backend_in_use
from tests.fuzz.fuzz_scan import Block, Disagreement, by_json, compare, fuzz

SECONDS = 20
KERNELS = tuple(dict.fromkeys((backend_in_use(), SIMD)))


def test_scanners_agree_with_the_json_module_and_the_oracle_on_random_lines() -> None:
    seed = int.from_bytes(os.urandom(4))
    assert fuzz(SECONDS, seed, KERNELS) > 0


def test_the_same_seed_gives_the_same_lines() -> None:
    assert fuzz(0, 5, KERNELS) == fuzz(0, 5, KERNELS) > 0


def test_a_difference_would_be_seen() -> None:
    line = b'id\t{"info":{"OS":"L","version":"1","arch":"x"},"histograms":{"A":[1,2,3,4,5,6]}}'
    key = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131101.v2.log.x.lzma"
    right = by_json(Block(key, [line]))
    for other in (line.replace(b"[1,", b"[7,"), line[:-1], line.replace(b"1,2", b"1,0,2")):
        with pytest.raises(Disagreement):
            compare(right, by_json(Block(key, [other])), "someone")
