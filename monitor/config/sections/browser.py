"""`targets[].browser`: the way that a user's browser takes."""

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.values.url import Origin


class Browser(Section):
    """What is needed to find CORS and mixed content faults."""

    origin: Origin = Field(
        description="Scheme, host and port of the page that users open.",
        examples=["https://storycanvas.example"],
    )
