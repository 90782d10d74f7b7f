"""What a ping is, and how large its parts may be."""

from typing import Annotated

from pydantic import AfterValidator, Field

from telemetry_tasks.core.limits import USUAL, Limits, characters, parse_day
from telemetry_tasks.formats.pings.saved_session.expressions import named_constants
from telemetry_tasks.settings.section import Section


def _alphabet(text: str) -> str:
    """The same value, if it is an alphabet of names. Raises ``ValueError``."""
    characters(text)
    return text


def _day(text: str) -> str:
    """The same value, if it is a date. Raises ``ValueError``."""
    parse_day(text)
    return text


def _constants(words: tuple[str, ...]) -> tuple[str, ...]:
    """The same values, if each is a constant. Raises ``ValueError``."""
    named_constants(words)
    return words


Constants = Annotated[tuple[str, ...], AfterValidator(_constants)]
Alphabet = Annotated[str, AfterValidator(_alphabet)]
Day = Annotated[str, AfterValidator(_day)]


class Pings(Section):
    """How pings are read, and which are counted."""

    # Pings
    ping_format: str = Field(
        "saved-session", description="The ping format: its name, or MODULE:CLASS of your own; see docs/ping-formats.md."
    )
    dimensions: tuple[str, ...] = Field(
        ("reason", "appName", "OS", "osVersion", "arch"),
        description="Dimensions of the ping format, in the order of the filter tree.",
    )
    fallback_revision: str = Field(
        "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4",
        description="Revision of pings that name none.",
    )
    definitions: tuple[str, ...] = Field(
        (),
        description="Sources of histogram definitions, tried in order: a folder, s3://bucket/prefix, or an HTTP URL "
        "template with {revision} or {revision_id}.",
    )
    definition_constants: Constants = Field(
        (),
        description="Constants that definitions name beyond those that are known, as "
        '["JS::GCReason::NUM_TELEMETRY_REASONS=101"].',
    )

    # How large the parts of a ping may be: part of what a partition is, so that no two settings mix in one
    limit_file_bytes: int = Field(
        USUAL.file_bytes, ge=1 << 20, description="Most decompressed bytes of a ping file; it is read up to there."
    )
    limit_expansion: int = Field(
        USUAL.expansion,
        ge=10,
        description="Most decompressed bytes of a ping file for each of its stored bytes; it is read up to there. "
        "Ping files have 10 to 50.",
    )
    limit_small_file_bytes: int = Field(
        USUAL.small_file_bytes,
        ge=1 << 20,
        description="Decompressed bytes that every ping file may have, however small it is stored.",
    )
    limit_file_measures: int = Field(
        USUAL.file_measures,
        ge=10,
        description="Most measures that one ping file may add. The ones with the most pings are kept; records of "
        "others are left out.",
    )
    limit_file_columns: int = Field(
        USUAL.file_columns,
        ge=10_000,
        description="Most numbers that the measures of one ping file may have together, in all lengths of arrays; "
        "measures beyond are left out.",
    )
    limit_file_rows: int = Field(
        USUAL.file_rows,
        ge=100,
        description="Most rows (population, build and revision) that one ping file may add; the pings of smaller ones "
        "count under OTHER.",
    )
    limit_line_bytes: int = Field(
        USUAL.line_bytes, ge=1 << 10, le=1 << 30, description="Most bytes of a line; a longer one is a bad line."
    )
    limit_depth: int = Field(
        USUAL.depth, ge=100, le=512, description="Deepest nesting in a ping; a line with a deeper one is a bad line."
    )
    limit_histograms: int = Field(
        USUAL.histograms, ge=1, le=1_000_000, description="Most histograms of a ping; a line with more is a bad line."
    )
    limit_measurements: int = Field(
        USUAL.measurements,
        ge=1,
        le=1_000_000,
        description="Most simple measurements of a ping; a line with more is a bad line.",
    )
    limit_array_length: int = Field(
        USUAL.array_length,
        ge=6,
        le=1_000_000,
        description="Most numbers of a histogram, its 5 sums among them; a longer one is left out of its ping.",
    )
    limit_name_length: int = Field(
        USUAL.name_length,
        ge=1,
        le=500,  # a longer one and what stands around it might be no key of an object: its channel would be held up
        description="Most characters of a measure's name; one with a longer name is left out.",
    )
    limit_name_alphabet: Alphabet = Field(
        USUAL.name_alphabet,
        description="Characters of measures' names, some of the usual ones, as in A-Z0-9_; a measure whose name has "
        "another is left out.",
    )
    limit_option_length: int | None = Field(
        None,
        ge=1,
        le=500,
        description="Most characters of a dimension's value as published; a line with a longer one is bad. When not "
        "set, 500 of it as submitted.",
    )
    limit_earliest_date: Day | None = Field(
        None,
        description="First plausible submission date (YYYYMMDD); lines of files before it are bad. Any date when not "
        "set, as with the next three.",
    )
    limit_latest_date: Day | None = Field(
        None, description="Last plausible submission date (YYYYMMDD); lines of files after it are bad."
    )
    limit_build_age: int | None = Field(
        None, ge=0, description="Most days from a build's date to the submission; lines of older builds are bad."
    )
    limit_build_ahead: int | None = Field(
        None, ge=0, description="Most days that a build's date may be after the submission; else its lines are bad."
    )

    @property
    def limits(self) -> Limits:
        """How large the parts of a ping may be, and which dates are plausible."""
        dates = {"earliest_date": self.limit_earliest_date or "", "latest_date": self.limit_latest_date or ""}
        return self.fill(Limits, prefix="limit_", **dates)
