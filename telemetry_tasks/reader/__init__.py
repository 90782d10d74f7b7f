"""Reads what was published, in layout 2: distributions of a measure by date, exactly.

    from telemetry_tasks import reader

    published = reader.open("https://telemetry.example.org/data")
    gc = published.channel_version("nightly/28").evolution("GC_MS", by="build", where={"OS": ["Linux"]})
    for point in gc.points:
        print(point.date, point.records, gc.percentile(point, 95))

Needs numpy; and boto3 for ``s3://`` addresses. Nothing of the pipeline is loaded.
"""

from telemetry_tasks.reader.errors import NotThere, ReaderError
from telemetry_tasks.reader.evolution import Evolution, Point
from telemetry_tasks.reader.parts import Part
from telemetry_tasks.reader.published import ChannelVersion, Published
from telemetry_tasks.reader.sources import Source, source_of

__all__ = ["ChannelVersion", "Evolution", "NotThere", "Part", "Point", "Published", "ReaderError", "Source", "open"]


def open(place: str) -> Published:
    """What is published at a folder, an ``http(s)://`` address or an ``s3://bucket/prefix``.

    Raises ``NotThere`` if nothing is published there, ``ReaderError`` if it cannot be read.
    """
    return Published(source_of(place))
