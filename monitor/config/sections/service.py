"""`targets[].service`: what runs FaceFusion on its host."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from monitor.config.sections.section import Section
from monitor.config.values.name import UnitName
from monitor.config.values.path import ServerDirectory
from monitor.config.values.refusal import Refusal, Refused

_LOG = r"^(journal|docker|file:/.+)$"


def _log_source(value: object) -> object:
    if isinstance(value, str) and (
        not re.fullmatch(_LOG, value) or "/../" in value
    ):
        raise Refused(
            Refusal(
                what="{value} names no log",
                hint="write journal, docker or file:/absolute/path",
            )
        )
    return value


class Service(Section):
    """How the process is started, stopped and listened to."""

    manager: Literal["systemd", "docker", "process"] = Field(
        default="systemd",
        description="What starts and stops it.",
        examples=["docker"],
    )
    unit: UnitName = Field(
        default="facefusion.service",
        description="Name of the systemd unit or of the container.",
        examples=["facefusion.service"],
    )
    directory: ServerDirectory = Field(
        default="/opt/facefusion",
        description="Its working directory on the host.",
        examples=["/opt/facefusion"],
    )
    log: Annotated[
        str, BeforeValidator(_log_source, Annotated[str, Field(pattern=_LOG)])
    ] = Field(
        default="journal",
        description="Where its log is: journal, docker or file:PATH.",
        examples=["file:/var/log/facefusion.log"],
    )
