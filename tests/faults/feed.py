"""Tiny ping files, so that hundreds of partitions take seconds: some pings of some measures, some bad lines."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.pings import CACHE, COUNT, FLAG, UNKNOWN, key, ping, ping_file

VERSIONS = (("nightly", "28.0a1"), ("nightly", "27.0a1"), ("beta", "26.0"))
SYSTEMS = (("WINNT", "6.1", "x86"), ("Darwin", "13.0.0", "x86-64"), ("Linux", "3.11", "x86-64"))
MEASURES = ((FLAG, COUNT), (CACHE,), (COUNT, UNKNOWN), (FLAG, CACHE, COUNT))
BAD_LINES = (b"id-x\t{", b"no tab", b"id-x\t[]", b"id-\xff\t{}")
BAD_SHARE = 0.2  # of the files


@dataclass(frozen=True)
class Feed:
    """Ping files: bytes by key, and how many lines they have together."""

    bodies: dict[str, bytes]
    lines: int

    @property
    def keys(self) -> list[str]:
        return sorted(self.bodies)

    def part(self, keys: Sequence[str]) -> "Feed":
        """Only some of the files; lines are not counted."""
        return Feed({key: self.bodies[key] for key in keys}, 0)

    def with_files(self, bodies: dict[str, bytes], lines: int = 0) -> "Feed":
        """More files, or others in their place, and how many lines that makes more."""
        return Feed({**self.bodies, **bodies}, self.lines + lines)


def make_feed(files: int, seed: int, name: str = "f") -> Feed:
    """``files`` ping files of one to three lines; the same for the same arguments."""
    dice = random.Random(f"{seed} {name}")
    bodies, lines = {}, 0
    for number in range(files):
        at, body, count = make_file(dice, f"{name}{number:05d}")
        bodies[at] = body
        lines += count
    return Feed(bodies, lines)


def make_file(dice: random.Random, name: str) -> tuple[str, bytes, int]:
    """Key, bytes and number of lines of one ping file."""
    channel, version = dice.choice(VERSIONS)
    pings = [
        ping(*dice.choice(MEASURES), bucket=dice.randrange(1, 3), system=dice.choice(SYSTEMS))
        for _ in range(dice.randrange(1, 3))
    ]
    bad = [dice.choice(BAD_LINES)] if dice.random() < BAD_SHARE else []
    at = key(name, channel=channel, version=version, day=dice.randrange(5, 9), build=dice.randrange(1, 5))
    return at, ping_file(*pings, bad_lines=bad), len(pings) + len(bad)


def name_of(key: str) -> str:
    """The part of a ping file's key that is its own."""
    return key.split(".")[-2]
