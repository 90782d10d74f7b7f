"""What the parts of the settings have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Some of the settings of a deployment, which ``Settings`` puts together; they are checked there, all at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)
