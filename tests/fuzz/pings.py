"""Random pings, from plain ones to nonsense."""

import math
import random
import struct

from tests.fuzz.json_text import STYLES, Members, Raw, Style, written

NAMES = ["A", "GC_MS", "CYCLE_COLLECTOR", "TELEMETRY_SUCCESS", "x.y-z_1", "LONGER_NAME_THAN_EIGHT_BYTES", "a", "B2"]
ODD_NAMES = ["", "with space", "ünïcode", "a/b", "\U0001f600", "N" * 300, "tab\t", 'quote"', "back\\slash", "\x00"]
SIMPLES = ["uptime", "main", "firstPaint", "js", "addonManager", "UPTIME"]
SYSTEMS = [("WINNT", '"6.1"', "x86"), ("Linux", '"3.11.0-12-generic"', "x86-64"), ("Android", "16", "arm")]
PLAIN_NUMBERS = [
    *("1", "2", "17", "300", "65535", "70000", "1234567", "12345678", "123456789012", "-1", "-7", "-0", "0.0", "1.5"),
    *("0.1", "12.345678901234567", "-1.0", "1e3", "1E+2", "25e-2", "4.35", "99999999.99999999", "0.30000000000000004"),
    *("1.00000000000000000000001", "0.000001234567890123456789", "123456789.123456789123456789", "2.5e-5"),
]
ODD_NUMBERS = [
    *("123456789012345678", "1234567890123456789", "99999999999999999999", "-123456789012345678901234567890"),
    *("17592186044415", "17592186044416", "-17592186044416", "17592186044415.75", "9007199254740993"),
    *("4503599627370496.5", "1e400", "-1e400", "1e308", "5e-324", "2.2250738585072014e-308", "1e-400", "1" + "0" * 320),
    *("NaN", "Infinity", "-Infinity", "true", "false", "null", '"many"', "[1]", "[]", "{}", '{"a": [0, {}]}'),
]
LONG_NUMBERS = ["7" * 499, "-" + "7" * 500, "7" * 501, "1" + "0" * 4299, "-1" + "0" * 4300, "0." + "3" * 5000]
"""Around what the json module takes for an integer."""
DEEP = [63, 64, 65, 99, 100, 101, 510, 511, 512, 513, 700, 1030]
"""Around the depths at which somebody gives up."""
NO_JSON = [
    "01",
    "-",
    "1.",
    "+1",
    ".5",
    "0x1",
    "1e",
    "1e+",
    "--1",
    "1.e3",
    "nul",
    "tru",
    "'1'",
    "1 2",
    "\x01",
    "-01",
    "-a",
]
BODIES = [
    *("", "{", "[]", '"text"', "null", "{}", '{"info": {}}', '{"info": []}', "nonsense", '{"info": {"OS": "x"}} 1'),
    *('{"a": 1,}', '{"a" 1}', "{1: 2}", '{"info": null}', "[" * 2000, '{"a":' * 100 + "1" + "}" * 100, "[1,2" * 70),
]


class Maker:
    """Makes pings. ``tame`` ones have nothing on which the oracle and the rules of this program differ."""

    def __init__(self, chance: random.Random, tame: bool) -> None:
        self.chance, self.tame = chance, tame

    def rarely(self, share: float = 0.03) -> bool:
        return self.chance.random() < share

    def line(self) -> bytes:
        """One line, without its newline."""
        chance = self.chance
        if self.rarely(0.02):
            return b"id\t" + chance.choice(BODIES).encode()
        line = b"%032x\t" % chance.getrandbits(128) + written(self.ping(), self.style()).encode(
            "utf-8", "surrogatepass"
        )
        if self.rarely(0.02):
            line = line.ljust(chance.choice([3999, 4000, 4001]))  # the tight limit of a line
        return self.spoiled(line) if self.rarely(0.15) else line

    def style(self) -> Style:
        chance = self.chance
        blanks = chance if self.rarely(0.1) else None
        base = chance.choice(STYLES)
        return Style(base.comma, base.colon, base.ascii, self.rarely(), blanks)

    def ping(self) -> Members:
        chance = self.chance
        pairs: list[tuple[str, object]] = [
            ("ver", Raw("1")),
            ("info", self.info()),
            ("histograms", self.histograms()),
            ("simpleMeasurements", self.measurements()),
            ("slowSQL", Members([("x", [Raw("1.5e3"), "a\\b", Members([])]), ("é", "\ud7ff☃")])),
        ]
        if self.rarely(0.01) and not self.tame:
            pairs.append(("long", Raw(chance.choice(LONG_NUMBERS))))
        if self.rarely(0.01) and not self.tame:
            pairs.append(("deep", self.nested()))
        if self.rarely(0.3):
            chance.shuffle(pairs)
        if self.rarely():
            pairs.append((chance.choice(["info", "histograms", "ver", "simpleMeasurements"]), chance.choice(pairs)[1]))
        if self.rarely():
            del pairs[chance.randrange(len(pairs))]
        if self.rarely():
            at = chance.randrange(len(pairs))
            pairs[at] = pairs[at][0], Raw(chance.choice(ODD_NUMBERS))
        return Members(pairs)

    def info(self) -> Members:
        os, version, arch = self.chance.choice(SYSTEMS)
        pairs: list[tuple[str, object]] = [
            *(("appName", "Firefox"), ("OS", os), ("version", Raw(version)), ("arch", arch)),
            *(("revision", self.chance.choice(["http://h/rev/a", "http://h/rev/b"])), ("flag", Raw("true"))),
        ]
        if self.rarely(0.1):
            del pairs[self.chance.randrange(len(pairs))]
        if self.rarely(0.1):
            odd = [Raw(each) for each in ("7", "1.25", "null", "[]", "{}")]
            texts = ["L"] if self.tame else ["", "é", "a/b", "name", "_id", "\x7f", "x" * 600, "\ud800", 'q"\\']
            field = self.chance.choice(["OS", "version", "arch", "revision"])
            pairs.append((field, self.chance.choice([*odd, *texts])))
        if self.rarely(0.01) and not self.tame:
            odd = [self.nested(), *map(Raw, [*LONG_NUMBERS, "NaN", "-Infinity", "1e400", "-0.0"])]
            pairs.append((self.chance.choice(["x", "version", "OS"]), self.chance.choice(odd)))
        if self.rarely(0.2):
            self.chance.shuffle(pairs)
        return Members(pairs)

    def nested(self) -> Raw:
        opening, closing = self.chance.choice([("[", "]"), ('{"a":', "}"), ('{"]":[', "]}")])
        depth = self.chance.choice(DEEP)
        return Raw(opening * depth + "0" + closing * depth)

    def histograms(self) -> Members:
        chance = self.chance
        names = chance.sample(NAMES, chance.randint(0, len(NAMES))) if self.rarely(0.3) else list(NAMES)
        if self.rarely():
            names.append(chance.choice(NAMES))
        if self.rarely() and not self.tame:
            names.append(chance.choice(ODD_NAMES))
        return Members([(name, self.histogram()) for name in names])

    def histogram(self) -> object:
        chance = self.chance
        if self.rarely(0.01):
            return Raw(chance.choice([each for each in ODD_NUMBERS if self.agreed(each)]))
        length = chance.choice([1, 1, 1, 3, 20, 100, 24, 25, 26]) if not self.rarely() else 0
        buckets = [Raw("0") if self.rarely(0.8) else self.bucket() for _ in range(length)]
        statistics = [Raw("-1") if self.rarely(0.3) else self.statistic() for _ in range(5)]
        if self.rarely(0.4):
            statistics[3:] = self.squares()
        return [*buckets, *statistics[: 5 if not self.rarely(0.02) else 3]]

    def bucket(self) -> Raw:
        """Rarely a negative one: it has its array left out."""
        number = self.number()
        return number if self.rarely(0.01) else Raw(number.text.removeprefix("-"))

    def squares(self) -> list[Raw]:
        """Halves of a sum of squares, as clients sent them and a little beyond."""
        chance = self.chance
        low = chance.choice([-1, -2, -(1 << 31), -(1 << 32), -(1 << 32) - 1, chance.randrange(-(1 << 31), 1 << 31)])
        highs = ["-1", "0", "1", "17", "-1.0", *([] if self.tame else ["-2"])]  # sums of -1 are not known to the oracle
        return [Raw(str(low) + chance.choice(["", "", ".0"])), Raw(chance.choice(highs))]

    def agreed(self, text: str) -> bool:
        """Whether the oracle treats the number as this program does, and keeps enough digits to compare."""
        return not self.tame or text not in [*ODD_NUMBERS[:16], "NaN", "Infinity", "-Infinity", "1" + "0" * 320]

    def number(self) -> Raw:
        chance = self.chance
        if self.rarely(0.003):
            return Raw(chance.choice(NO_JSON))
        if self.rarely(0.01):
            return Raw(chance.choice([each for each in ODD_NUMBERS if self.agreed(each)]))
        if self.rarely(0.1) and not self.tame:
            return self.decimal()
        return Raw(chance.choice(PLAIN_NUMBERS)) if self.rarely(0.3) else Raw(str(chance.randrange(1000)))

    def decimal(self) -> Raw:
        """Digits as they come, more or less of them than a double or 64 bits hold."""
        chance = self.chance
        whole, places = (chance.choice([1, 2, 5, 13, 14, 15, 17, 18, 19, 20]) for _ in range(2))
        fraction = str(chance.randrange(10**places)).zfill(places)
        text = (
            f"{chance.choice(['', '-'])}{chance.randrange(10**whole)}.{chance.choice([fraction, '5' + '0' * places])}"
        )
        return Raw(text + chance.choice(["", "", "", "e-3", "E2", "e+0", "e-400"]))

    def statistic(self) -> Raw:
        chance = self.chance
        if self.tame:  # the oracle takes a sum of -1 for one that is not known
            return Raw(repr(chance.choice([chance.randrange(1 << 31), chance.expovariate(0.01), chance.random()])))
        if self.rarely(0.3):
            return self.number()
        return Raw(repr(_any_double(chance)) if self.rarely(0.5) else repr(chance.expovariate(0.01)))

    def measurements(self) -> Members:
        chance = self.chance
        pairs: list[tuple[str, object]] = []
        for name in chance.sample(SIMPLES, chance.randint(0, 6)):
            subs = chance.sample([*SIMPLES, ""], chance.randint(0, 4))
            pairs.append((name, Members([(sub, self.number()) for sub in subs]) if self.rarely(0.3) else self.number()))
        if self.rarely():
            pairs.append((chance.choice(SIMPLES if self.tame else [*SIMPLES, *ODD_NAMES]), self.number()))
        return Members(pairs)

    def spoiled(self, line: bytes) -> bytes:
        """The line with something done to its bytes."""
        chance = self.chance
        at = chance.randrange(len(line) + 1)
        harmless = [
            lambda: line[:at],
            lambda: line.replace(b"\t", b" ", 1),
            lambda: line.replace(b"\t", b"\t\xef\xbb\xbf", 1),
            lambda: line + b"\r",
            lambda: line + chance.choice([b" ", b"x", b"{}", b"\t", b"\x00", b"]"]),
        ]
        if self.tame:
            return chance.choice(harmless)()
        return chance.choice(
            [
                *harmless,
                lambda: line[:at] + chance.randbytes(1) + line[at + 1 :],
                lambda: line[:at] + chance.choice(b'{}[]",:\\0 -.e\t\r\x00\xc3\xed\xf4').to_bytes(1, "big") + line[at:],
                lambda: line[:at] + line[at + chance.randint(1, 8) :],
                lambda: line.replace(b'"A"', b'"\\ud83d\\ude00"').replace(b"WINNT", b"\\u0057\\ud800"),
                lambda: line.replace(
                    b"Firefox", chance.choice([b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe2\x82"])
                ),
            ]
        )().replace(b"\n", b"?")


def _any_double(chance: random.Random) -> float:
    """A double of any bits, of moderate size."""
    (value,) = struct.unpack("<d", struct.pack("<Q", chance.getrandbits(64)))
    if not math.isfinite(value) or value == 0:
        return 0.5
    return math.copysign(math.ldexp(math.frexp(value)[0], chance.randint(-60, 46)), value)
