"""`log`: what the monitor says about its own work."""

from typing import Literal

from pydantic import Field

from monitor.config.sections.section import Section


class Log(Section):
    """Lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description=(
            "The least that is logged. debug logs every request and answer, "
            "secrets masked."
        ),
        examples=["debug"],
    )
    format: Literal["text", "json"] = Field(
        default="text",
        description="text for people, json (one object a line) for machines.",
        examples=["json"],
    )
