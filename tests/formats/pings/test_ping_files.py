"""Compressed bytes to whole lines: every compression, every kind of damage, bounded memory."""

import gzip
import io
import lzma
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
import zstandard

from telemetry_tasks.errors import DamagedObject, DataError
from telemetry_tasks.formats.pings.files import LONGEST_LINE, PIECE, Chunks, blocks

PACK: dict[str, Callable[[bytes], bytes]] = {
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "xz": lzma.compress,
    "gz": lambda data: gzip.compress(data, mtime=0),
    "zst": zstandard.compress,
    "zst without a size": lambda data: _streamed(data),
    "plain": lambda data: data,
}
PACKED = [name for name in PACK if name != "plain"]
CHECKED = ("xz", "gz", "zst without a size")
"""Those that carry a checksum, so that no damage stays unseen."""


def _streamed(data: bytes) -> bytes:
    target = io.BytesIO()
    with zstandard.ZstdCompressor(write_checksum=True).stream_writer(target, closefd=False) as writer:
        writer.write(data)
    return target.getvalue()


def text(lines: int, seed: int = 1) -> bytes:
    chance = random.Random(seed)
    return b"".join(b"id-%d\t%s\n" % (i, chance.randbytes(chance.randrange(90)).hex().encode()) for i in range(lines))


def opener(data: bytes, piece: int = 1 << 20) -> Chunks:
    return lambda: (data[at : at + piece] for at in range(0, len(data), piece))


def read(data: bytes, piece: int = 1 << 20, **most: int) -> tuple[bytes, str | None]:
    """All blocks joined, each of them whole lines, and the reason why it went no further."""
    out: list[bytes] = []
    try:
        for block in blocks(opener(data, piece), **most):
            out.append(bytes(block))
    except DataError as error:
        return b"".join(out), error.reason
    assert all(block.endswith(b"\n") for block in out[:-1])
    return b"".join(out), None


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_every_compression_gives_the_text_however_it_arrives(name: str, piece: int) -> None:
    assert read(PACK[name](text(60)), piece) == (text(60), None)


@pytest.mark.parametrize("name", PACK)
def test_text_longer_than_a_piece_comes_back(name: str) -> None:
    long = text(40_000)
    assert len(long) > 3 * PIECE
    assert read(PACK[name](long)) == (long, None)


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b"no newline", b"a\nno newline"])
def test_small_and_odd_texts_come_back(name: str, data: bytes) -> None:
    assert read(PACK[name](data)) == (data, None)


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("piece", [1, 1 << 20])
@pytest.mark.parametrize("between", [b"", b"\0" * 8], ids=["together", "zeros between"])
def test_members_that_follow_each_other_are_read_as_one(name: str, piece: int, between: bytes) -> None:
    if name == "plain" and between:
        between = b""
    data = between.join(PACK[name](text(20, seed)) for seed in range(3)) + between
    assert read(data, piece) == (b"".join(text(20, seed) for seed in range(3)), None)


def test_members_of_different_compressions_are_read_as_one() -> None:
    data = b"".join(PACK[name](text(5)) for name in PACKED)
    assert read(data) == (text(5) * len(PACKED), None)


@pytest.mark.parametrize("name", PACKED)
def test_of_a_file_of_many_small_members_no_more_is_read_than_is_needed(name: str) -> None:
    """Files such as bgzip's: each member used to pass on all that follows, and to read one piece further."""
    taken = 0
    piece = PACK[name](text(3)) * 40

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(60):
            taken += 1
            yield piece

    given = 0
    for block in blocks(pieces):
        given += bytes(block).count(b"\n")
        assert given > (taken - 2) * 120
    assert (given, taken) == (120 * 60, 60)


def skippable(size: int, kind: int = 0) -> bytes:
    """A zstd frame that holds no data, such as those of pzstd and of the seekable format."""
    return struct.pack("<II", 0x184D2A50 + kind, size) + b"s" * size


@pytest.mark.parametrize("piece", [1, 1 << 20])
@pytest.mark.parametrize("size", [0, 4, 9000])
def test_frames_of_zstd_that_hold_no_data_are_passed_over(piece: int, size: int) -> None:
    packed = zstandard.compress(text(20))
    data = skippable(size) + packed + skippable(size, 15) * 2 + packed + skippable(size, 7)
    assert read(data, piece) == (text(20) * 2, None)


@pytest.mark.parametrize("flags", range(0, 32, 2))
@pytest.mark.parametrize("piece", [1, 100, 1 << 20])
def test_every_gzip_header_is_read_however_it_arrives(flags: int, piece: int) -> None:
    data = text(20)
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\xff"
    head += struct.pack("<H", 300) + b"e" * 300 if flags & 4 else b""
    head += (b"name\0" if flags & 8 else b"") + (b"c" * 5000 + b"\0" if flags & 16 else b"")
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF) if flags & 2 else b""
    member = head + zlib.compress(data)[2:-4] + struct.pack("<II", zlib.crc32(data), len(data))
    assert gzip.decompress(member) == data
    assert read(member * 3, piece) == (data * 3, None)


@pytest.mark.parametrize("name", PACKED)
def test_a_truncated_file_gives_its_lines_up_to_there(name: str) -> None:
    whole = PACK[name](text(300))
    for end in sorted(random.Random(name).sample(range(20, len(whole) - 13), 15)):
        got, reason = read(whole[:end])
        assert reason == "truncated"
        assert text(300).startswith(got)
    got, _ = read(whole[: len(whole) * 9 // 10])
    assert got or name.startswith("zst")  # zstd has blocks of 128 KiB: all or nothing of so short a text


def test_a_truncated_zstd_file_gives_the_blocks_before() -> None:
    whole = PACK["zst"](text(8000))
    got, reason = read(whole[: len(whole) * 3 // 4])
    assert reason == "truncated"
    assert len(got) > len(text(8000)) // 2
    assert text(8000).startswith(got)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("piece", [50, 1 << 20])
def test_damage_is_told_and_what_came_before_it_is_given(name: str, piece: int) -> None:
    data = text(8000)
    whole = bytearray(PACK[name](data))
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(byte ^ 0x55 for byte in whole[middle : middle + 40])
    got, reason = read(bytes(whole), piece)
    intact = len(data) // 4
    assert got[:intact] == data[:intact]
    if name in CHECKED:
        assert reason == "damaged"


@pytest.mark.parametrize("name", PACKED)
def test_any_changed_byte_gives_text_or_a_reason_and_nothing_else(name: str) -> None:
    whole = PACK[name](text(40))
    chance = random.Random(name)
    for _ in range(60):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        got, reason = read(bytes(changed))
        assert reason in (None, "damaged", "truncated")
        assert got == text(40) or reason or name not in CHECKED or got[:1] != b"i"


@pytest.mark.parametrize("name", PACKED)
def test_something_else_behind_the_data_is_damage(name: str) -> None:
    assert read(PACK[name](text(30)) + b"something else, long enough") == (text(30), "damaged")


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("padding", [b"\n", b"\r\n", b"\0" * 700 + b"\r\n", b"\n" * 9000])
@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_newlines_and_zeros_behind_the_data_are_no_damage(name: str, padding: bytes, piece: int) -> None:
    packed = PACK[name](text(30))
    assert read(packed + padding, piece) == (text(30), None)
    assert read(packed + padding + packed, piece) == (text(30) * 2, None)
    assert read(packed + padding + b"something else", piece) == (text(30), "damaged")


def test_a_member_of_lzma_that_begins_like_padding_is_read() -> None:
    """Its first byte is 10 for lc=1, lp=1, pb=0: a newline."""
    filters = [{"id": lzma.FILTER_LZMA1, "lc": 1, "lp": 1, "pb": 0}]
    odd = lzma.compress(text(20), lzma.FORMAT_ALONE, filters=filters)
    assert odd[:1] == b"\n"
    assert read(PACK["lzma"](text(30)) + odd) == (text(30) + text(20), None)


def test_a_decoder_does_not_take_any_amount_of_memory_for_its_dictionary() -> None:
    header = bytes([0x5D]) + (1 << 31).to_bytes(4, "little") + b"\xff" * 8
    assert read(header + lzma.compress(text(9), format=lzma.FORMAT_ALONE)[13:])[1] == "window-too-large"


def zstd_frame(log: int, data: bytes = b"id\t1\n") -> bytes:
    """A frame with a window of 2 ** log bytes, which holds its data as they are."""
    return zstandard.FRAME_HEADER + bytes([0, (log - 10) << 3]) + (len(data) << 3 | 1).to_bytes(3, "little") + data


@pytest.mark.parametrize(("log", "window"), [(28, 256), (31, 2048)])
@pytest.mark.parametrize("before", [b"", zstandard.compress(text(9))])
def test_a_window_of_zstd_that_is_too_large_is_told_with_its_size(log: int, window: int, before: bytes) -> None:
    with pytest.raises(DataError, match=f"window of {window} MiB, at most 128 MiB") as caught:
        list(blocks(opener(before + zstd_frame(log))))
    assert caught.value.reason == "window-too-large"
    assert read(zstd_frame(27)) == (b"id\t1\n", None)


@pytest.mark.parametrize(("flags", "size"), [(0xA0, 4), (0xE0, 8)])
def test_a_single_segment_of_zstd_is_its_own_window(flags: int, size: int) -> None:
    """Its size stands for the window (RFC 8878); 200 MiB of zeros in blocks of 4 bytes each."""
    block = ((1 << 17) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (1 << 3 | 1).to_bytes(3, "little") + b"\0"
    total = 200 << 20
    frame = zstandard.FRAME_HEADER + bytes([flags]) + total.to_bytes(size, "little") + block * (total >> 17) + last
    with pytest.raises(DataError, match="window of 200 MiB, at most 128 MiB"):
        list(blocks(opener(frame)))


def most_memory(job: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def zeros_packed_by_zstd(size: int) -> bytes:
    """Zeros packed as blocks that say "128 KiB of the same byte" in 4 bytes."""
    block = ((1 << 17) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (1 << 3 | 1).to_bytes(3, "little") + b"\0"
    return zstandard.FRAME_HEADER + bytes([0b0000_0000, 0b0011_1000]) + block * (size >> 17) + last


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(lambda: lzma.compress(bytes(300 << 20), preset=0), id="xz"),
        pytest.param(lambda: gzip.compress(bytes(300 << 20), 1, mtime=0), id="gz"),
        pytest.param(lambda: zeros_packed_by_zstd(300 << 20), id="zst"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(packed: Callable[[], bytes]) -> None:
    data = packed()
    assert len(data) < 2 << 20
    seen: list[str | None] = []
    used = most_memory(lambda: seen.append(read(data, largest=100 << 20)[1]))
    assert seen == ["file-too-large"]
    assert used < 64 << 20


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("piece", [13, 1000, 1 << 20])
def test_of_a_file_that_is_too_large_the_same_lines_are_read_however_it_arrives(name: str, piece: int) -> None:
    data = text(100)
    most = data.index(b"\n", len(data) // 2) + 3
    assert read(PACK[name](data), piece, largest=most) == (data[: most - 2], "file-too-large")
    assert read(PACK[name](data), piece, largest=len(data)) == (data, None)


@pytest.mark.parametrize("name", ["plain", "gz"])
def test_a_line_without_an_end_is_cut_and_takes_bounded_memory(name: str) -> None:
    long = b"x" * (70 << 20)
    data = b"first\t1\n" + long + b"\nlast\t2\n"
    if name == "gz":
        data = gzip.compress(data, 1, mtime=0)
    sizes: list[int] = []

    def job() -> None:
        sizes.extend(len(block) for block in blocks(opener(data)))

    assert most_memory(job) < 3 * LONGEST_LINE
    assert sum(sizes) <= LONGEST_LINE + 1 + 8 + 8 + 7
    assert max(sizes) > LONGEST_LINE


def test_a_line_that_comes_in_tiny_pieces_takes_no_more_memory_for_that() -> None:
    line = b"xy" * 400_000 + b"\n"
    assert most_memory(lambda: list(blocks(opener(line, 2)))) < 4 * len(line)


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
@pytest.mark.parametrize("length", [8, 9, 10, 11, 20])
@pytest.mark.parametrize("end", [b"\n", b"\nlast", b""])
def test_lines_around_the_longest_length_are_the_same_however_they_arrive(piece: int, length: int, end: bytes) -> None:
    data = b"a\n" + b"y" * length + end
    lines = [line for block in blocks(opener(data, piece), longest=10) for line in bytes(block).splitlines()]
    cut = b"y" * min(length, 11) if length > 10 else b"y" * length
    whole = [b"a", cut, *([b"last"] if end == b"\nlast" else [])]
    assert [line[:11] for line in lines] == whole


def test_a_line_of_exactly_the_longest_length_is_whole() -> None:
    line = b"y" * (LONGEST_LINE - 1) + b"\n"
    assert read(b"a\n" + line + b"b\n") == (b"a\n" + line + b"b\n", None)


def test_lines_are_cut_at_the_length_that_is_asked_for() -> None:
    assert read(b"a" * 99 + b"\n" + b"b" * 200 + b"\nc\n", longest=100) == (
        b"a" * 99 + b"\n" + b"b" * 200 + b"\nc\n",
        None,
    )
    assert read(b"b" * 200, longest=100) == (b"b" * 101, None)


def test_a_file_of_zeros_is_one_line() -> None:
    assert read(bytes(5000)) == (bytes(5000), None)


def test_a_plain_text_that_looks_like_lzma_at_first_is_plain() -> None:
    assert read(b"]abcdefgh\tnot packed at all\n") == (b"]abcdefgh\tnot packed at all\n", None)


def test_the_file_is_opened_again_only_when_it_is_damaged() -> None:
    opened = 0

    def chunks(data: bytes) -> Callable[[], Iterator[bytes]]:
        def begin() -> Iterator[bytes]:
            nonlocal opened
            opened += 1
            yield data

        return begin

    list(blocks(chunks(PACK["xz"](text(9)))))
    assert opened == 1
    with pytest.raises(DataError, match="truncated"):
        list(blocks(chunks(PACK["xz"](text(9))[:-20])))
    assert opened == 3


@pytest.mark.parametrize("name", sorted(CHECKED))
def test_bytes_that_were_damaged_on_the_way_are_no_damage_of_the_file(name: str) -> None:
    """Without this a wrong byte on the wire would put a good file on the list of missing files for good."""
    whole = PACK[name](text(200))
    wrong = bytearray(whole)
    wrong[len(whole) // 2] ^= 1
    arriving = iter([bytes(wrong), whole])
    with pytest.raises(DamagedObject, match="other bytes"):
        list(blocks(lambda: iter([next(arriving)])))


def test_what_the_store_says_at_the_end_of_a_damaged_file_is_heard() -> None:
    whole = PACK["gz"](text(200))
    wrong = bytes(byte ^ 0x55 for byte in whole[20:])

    def pieces() -> Iterator[bytes]:
        yield whole[:20] + wrong
        yield b"the rest"
        raise DamagedObject("the md5 of the body is another")

    with pytest.raises(DamagedObject, match="md5"):
        list(blocks(pieces))
