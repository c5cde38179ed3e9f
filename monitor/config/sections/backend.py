"""`targets[].backend`: the same server through the StoryCanvas backend."""

from typing import Literal

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.values.duration import Interval
from monitor.config.values.url import ListUrl, ServerUrl


class Backend(Section):
    """The second vantage point."""

    url: ServerUrl = Field(
        default="http://localhost:8000",
        description="Where the backend is.",
        examples=["http://localhost:8000"],
    )
    interval: Interval = Field(
        default="60s",
        validate_default=True,
        description="Time between two looks.",
        examples=["60s"],
    )
    api: Literal["auto", "legacy", "v1"] = Field(
        default="auto",
        description="Which of its two APIs to use; auto finds out.",
        examples=["v1"],
    )
    character_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="A character of the backend; batch canaries need one.",
        examples=["canary"],
    )
    image_url: ListUrl | None = Field(
        default=None,
        description="An image below the backend's own uploads, for batch.",
        examples=["http://localhost:8000/uploads/canary.jpg"],
    )
