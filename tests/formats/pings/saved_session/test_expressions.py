import pytest

from telemetry_tasks.formats.pings.saved_session.expressions import CONSTANTS, evaluate, named_constants, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000 * 10", 10000),
        ("32 * 1024", 32768),
        ("80 + 1", 81),
        ("(2 + 3) * -4", -20),
        ("1 << 10", 1024),
        ("7 / 2", 3),
        (" 50 ", 50),
        ("JS::gcreason::NUM_TELEMETRY_REASONS", 101),
        ("JS::GCReason::NUM_TELEMETRY_REASONS", 101),
        ("mozilla :: StartupTimeline :: MAX_EVENT_ID + 1", 13),
    ],
)
def test_arithmetic_is_evaluated(text, value) -> None:
    assert evaluate(text) == value


def test_constants_are_added_by_their_words() -> None:
    constants = named_constants(["My::LIMIT=64", " JS::gcreason::NUM_TELEMETRY_REASONS = 7 "])
    assert evaluate("My::LIMIT + JS::gcreason::NUM_TELEMETRY_REASONS", constants) == 71
    assert named_constants([]) == CONSTANTS


@pytest.mark.parametrize("word", ["", "A", "A=", "=1", "A=x", "A=-1", "A::=1", "A B=1", "A=1.5", "A=9999999999999999"])
def test_a_word_that_is_no_constant_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="NAME=number"):
        named_constants([word])


def test_an_unknown_constant_says_where_its_value_belongs() -> None:
    with pytest.raises(ValueError, match="TELEMETRY_DEFINITION_CONSTANTS"):
        evaluate("My::LIMIT")


def test_constants_can_be_given() -> None:
    assert evaluate("A::B * 2", {"A::B": 4}) == 8
    assert evaluate("LIMIT", {"LIMIT": 4}) == 4


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').getcwd()",
        "().__class__",
        "2 ** 9999999",
        "1 << 99999999",
        "1 / 0",
        "'a' * 3",
        "[1][0]",
        "1 if 1 else 2",
        "1.5",
        "True",
        "",
        "1 +",
        "\x00",
        "9" * 40,
        "-" * 150 + "x",
        "(" * 190,
        "1+" * 500 + "1",
        "Nothing::KNOWN",
    ],
)
def test_anything_else_is_refused(text) -> None:
    with pytest.raises(ValueError):
        evaluate(text)


def test_an_unknown_constant_is_named() -> None:
    with pytest.raises(ValueError, match="a::B is not known"):
        evaluate("a::B + 1")


def test_numbers_may_come_as_numbers_or_text() -> None:
    assert [number(value) for value in (5, 5.0, "5")] == [5, 5, 5]


@pytest.mark.parametrize("value", [True, None, 1.5, float("inf"), [], 2**60])
def test_what_is_no_integer_is_refused(value) -> None:
    with pytest.raises(ValueError):
        number(value)
