"""A short run of the fuzzers; the long ones are commands of their own."""

import pytest

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from tests.fuzz import fuzz_scan
from tests.fuzz.fuzz_scan import KEYS, TIGHT, Block, Disagreement, Reader, by_json, compare, disagreement, fuzz, smaller
from tests.support.seed import SEED

SECONDS = 20
KERNELS = tuple(dict.fromkeys((kernel_of_scanner(), SIMD)))


def test_scanners_agree_with_the_json_module_and_the_oracle_on_random_lines() -> None:
    assert fuzz(SECONDS, SEED, KERNELS) > 0


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_empty_line_counts_as_one_wherever_it_stands_and_none_after_the_last_newline(number: int) -> None:
    """A file of an even number of lines ends with a newline here; the line after that is none."""
    for limits in (Limits(), TIGHT):
        for lines in ([b""] * number, [b"id\t{}", *[b""] * number], [*[b""] * number, b"id\t{}"]):
            block = Block(KEYS[0], lines, limits)
            assert disagreement(block, [(kernel, Reader(kernel, limits)) for kernel in KERNELS], True) is None
            assert by_json(block)[1].bad["no-tab"] == number - (not lines[-1] and len(lines) % 2)


def test_the_same_seed_gives_the_same_lines() -> None:
    assert fuzz(0, 5, KERNELS) == fuzz(0, 5, KERNELS) > 0


def test_a_difference_would_be_seen() -> None:
    line = b'id\t{"info":{"OS":"L","version":"1","arch":"x"},"histograms":{"A":[1,2,3,4,5,6]}}'
    key = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131101.v2.log.x.lzma"
    right = by_json(Block(key, [line]))
    for other in (line.replace(b"[1,", b"[7,"), line[:-1], line.replace(b"1,2", b"1,0,2")):
        with pytest.raises(Disagreement):
            compare(right, by_json(Block(key, [other])), "someone")


def test_what_differs_is_shown_by_few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    odd, plain = b"no tab", b"id\t{}"
    monkeypatch.setattr(
        fuzz_scan, "disagreement", lambda block, *_: Disagreement("odd") if odd in block.lines else None
    )
    for at in range(7):
        assert smaller(Block(KEYS[0], [plain] * at + [odd] + [plain] * (6 - at)), KERNELS).lines == [odd]
