"""The table names every case, and what failed is never among others."""

from tests.faults.table import MANY, markdown


def row(case: str, result: str = "passed", **told: object) -> dict[str, object]:
    return {"case": case, "title": "a case", "partitions": 8, "faults": "a fault", "result": result, **told}


def test_cases_are_in_the_order_of_their_numbers() -> None:
    lines = markdown([row("reprocessing"), row("F10"), row("F2")]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| F2", "| F10", "| reprocessing"]


def test_many_that_passed_are_one_row_and_what_failed_is_its_own() -> None:
    many = [row("F10", recovery=0.1 * i, duration=2.0) for i in range(MANY)]
    lines = markdown([*many, row("F10", "failed"), row("F2"), row("F2")]).splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == ["| F2", "| F2", "| F10", "| F10"]
    assert "20 times" in lines[2]
    assert lines[2].endswith("| 1.9 | 40 | passed |")
    assert lines[3].endswith("| failed |")
