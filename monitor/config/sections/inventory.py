"""`targets_from[]`: lists of targets that somebody else keeps."""

from typing import Self

from pydantic import Field, model_validator

from monitor.config.sections.section import Section
from monitor.config.values.refusal import Refusal, Refused
from monitor.config.values.url import ListUrl


class Inventory(Section):
    """One list, in the shape of Prometheus file_sd or http_sd."""

    file: str | None = Field(
        default=None,
        min_length=1,
        max_length=4096,
        description=(
            "Path with wildcards, relative to this file; files may come and "
            "go."
        ),
        examples=["fleet/*.yml"],
    )
    http: ListUrl | None = Field(
        default=None,
        description="Address that answers with a JSON list.",
        examples=["https://inventory.example/facefusion"],
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.http is None):
            raise Refused(
                Refusal(
                    what="a list comes from a file or over http",
                    hint="write file: fleet/*.yml or http: ADDRESS, "
                    "one of them an entry",
                    at=(("http",), ("file",)),
                )
            )
        return self
