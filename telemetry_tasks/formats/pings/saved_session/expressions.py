"""Numbers as definition files write them: ``50``, ``"32 * 1024"``, ``"JS::gcreason::NUM_TELEMETRY_REASONS"``.

Only integers, named constants and ``+ - * / << ( )`` are allowed: no expression can run code, make a
very large number or recurse deeply.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping

CONSTANTS: Mapping[str, int] = {
    "JS::gcreason::NUM_TELEMETRY_REASONS": 101,
    "JS::GCReason::NUM_TELEMETRY_REASONS": 101,
    "mozilla::StartupTimeline::MAX_EVENT_ID": 12,
}
"""Constants of Firefox's sources that its definition files use; their values are from the lengths of real arrays.

``JS::gcreason`` is called ``JS::GCReason`` since 2018.
"""

_CONSTANT = re.compile(r"\s*([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)\s*=\s*(\d{1,15})\s*\Z", re.ASCII)

MAX_CHARACTERS = 200
MAX_VALUE = 2**53
"""JavaScript readers lose digits of larger numbers."""

_OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.LShift: lambda a, b: a << b,
}


def named_constants(words: Iterable[str]) -> Mapping[str, int]:
    """``CONSTANTS`` and those of ``words``, each ``NAME=value``. Raises ``ValueError`` for other words."""
    constants = dict(CONSTANTS)
    for word in words:
        match = _CONSTANT.match(word)
        if match is None:
            raise ValueError(f"{word!r:.60} is not NAME=number, as in JS::GCReason::NUM_TELEMETRY_REASONS=101")
        constants[match[1]] = int(match[2])
    return constants


def number(value: object, constants: Mapping[str, int] = CONSTANTS) -> int:
    """The integer value of a member of a definition file. Raises ``ValueError`` with the reason."""
    if isinstance(value, str):
        return evaluate(value, constants)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r:.60} is not an integer")
    return _bounded(value)


def evaluate(text: str, constants: Mapping[str, int] = CONSTANTS) -> int:
    """The value of an integer expression; ``/`` rounds down. ``ValueError`` names unknown constants."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"an expression of {len(text)} characters is too long")
    try:
        tree = ast.parse(re.sub(r"\s*::\s*", ".", text.strip()), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ValueError(f"{text!r} is not an expression") from error
    return _value(tree.body, text, constants)


def _value(node: ast.expr, text: str, constants: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant):
        return number(node.value if not isinstance(node.value, str) else None, constants)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, text, constants)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _calculated(node, text, constants)
    name = _name(node)
    if name is None:
        raise ValueError(f"{text!r} is not plain arithmetic")
    if name not in constants:
        raise ValueError(f"the constant {name} is not known: give its value in TELEMETRY_DEFINITION_CONSTANTS")
    return constants[name]


def _calculated(node: ast.BinOp, text: str, constants: Mapping[str, int]) -> int:
    left, right = _value(node.left, text, constants), _value(node.right, text, constants)
    if isinstance(node.op, ast.Div) and right == 0:
        raise ValueError(f"{text!r} divides by zero")
    if isinstance(node.op, ast.LShift) and not 0 <= right < 64:
        raise ValueError(f"{text!r} shifts by {right}")
    return _bounded(_OPERATORS[type(node.op)](left, right))


def _name(node: ast.expr) -> str | None:
    """``a::b::c`` from its parsed attribute chain."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return "::".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _bounded(value: int) -> int:
    if abs(value) > MAX_VALUE:
        raise ValueError("the number is too large")
    return value
