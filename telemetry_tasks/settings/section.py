"""What the sections of the settings have in common."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict

Value = TypeVar("Value")


class Section(BaseModel):
    """Some of the settings of a deployment, which ``Settings`` puts together; they are checked there, all at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    def fill(self, kind: Callable[..., Value], prefix: str = "", **given: object) -> Value:
        """A ``kind``, which is a dataclass: each field is ``given``, or the setting of that name behind ``prefix``."""
        names = [field.name for field in fields(cast(Any, kind))]
        return kind(**{name: given[name] if name in given else getattr(self, prefix + name) for name in names})
