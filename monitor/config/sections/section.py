"""What all sections have in common."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, model_validator
from typing_extensions import override


class Section(BaseModel):
    """Frozen settings; an unknown one is an error.

    The repr shows the name only, since other values may be secret.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: object) -> object:
        """Take `backend:` with nothing behind it for not set.

        Below `defaults` it is the way to switch one of them off again.
        """
        if not isinstance(data, dict):
            return data
        known = {
            field.alias or name for name, field in cls.model_fields.items()
        }
        return {
            key: value
            for key, value in data.items()
            if value is not None or key not in known
        }

    @override
    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        name = getattr(self, "name", None)
        return [("name", name)] if name else []
