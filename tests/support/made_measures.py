"""Measures of every shape, with made numbers of any size: what readers of published folders are compared with."""

import random
from fractions import Fraction

from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from tests.formats.layouts.v2.made_numbers import Line
from tests.support.made_layout2 import MadeMeasure

POPULATIONS = [("Linux", "arm"), ("Linux", "x86"), ("WINNT", "x86")]
HISTOGRAM = PublishedShape({"kind": "index", "size": 5}, (("sum",), ("log_sum",)))
SHAPES = {
    "GC_MS": HISTOGRAM,
    "SCORE": PublishedShape({"kind": "bounds", "bounds": [0, 0.5, 10], "closed": "lower"}, (("sum",),), shares=True),
    "SIZE": PublishedShape({"kind": "exponential", "scale": 3}, (("sum",),)),
    "STATE": PublishedShape({"kind": "categories", "labels": ["on", "off", "ä"]}),
    "RATE": PublishedShape({"kind": "none"}, (("sum",),), registers=64),
    "": PublishedShape({"kind": "none"}),
}
LINEAR = {"kind": "linear", "description": "ms", "low": 1, "high": 40, "n_buckets": 5}
DATES = [f"2026{month:02d}{day:02d}" for month in (10, 11) for day in (1, 30)]


def made_lines(shape: PublishedShape, chance: random.Random) -> dict[str, list[tuple[str, Line]]]:
    """Lines by kind of date: integers of 100 bits, fractions of 40, sums that not every record knew."""

    def number() -> Fraction | int:
        large, fine = 1 << chance.randrange(100), Fraction(chance.randrange(1 << 50), 1 << 40)
        some: list[Fraction | int] = [chance.randrange(1, 300), large, fine + 1]
        return chance.choice(some)

    def cells(used: bool, most: int) -> dict[int, Fraction | int]:
        return {p: number() for p in chance.sample(range(most), 2)} if used else {}

    def lines(dates: list[str]) -> list[tuple[str, Line]]:
        out = []
        for date in dates:
            for population in chance.sample(range(3), chance.randrange(4)):
                records, shares = chance.choice([1, 7, 1 << 70]), cells(shape.shares, 3)
                sums = [(number(), 0) if chance.random() < 0.7 else (0, records) for _ in shape.sum_names]
                line = Line(0, population, records, cells(shape.has_positions, 3), sums, shares)
                out.append((date, line))
        return out

    return {"build": lines(DATES), "submission": lines(DATES[1:]), "version": lines(["41", "100"])}


def made_measures(seed: int) -> dict[str, MadeMeasure]:
    """A measure of each shape, without keys."""
    chance = random.Random(seed)
    return {
        name: MadeMeasure(name, shape, made_lines(shape, chance), definition=LINEAR if name == "GC_MS" else {})
        for name, shape in SHAPES.items()
    }
