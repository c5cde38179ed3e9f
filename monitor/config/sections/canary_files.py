"""`targets[].canary_files`: how canary images go there and come back."""

from typing import Literal

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.values.path import ServerDirectory

DIRECTORY = "/var/tmp/facefusion-monitor"  # noqa: S108 - on the server
Via = Literal["sftp", "path", "url"]


class CanaryFilesSettings(Section):
    """The way of the canary images."""

    via: Via = Field(
        default="url",
        description=(
            "sftp: uploaded and fetched over SSH (the default with a host). "
            "path: already on the server. url: served by the monitor under "
            "/canary-files/ and fetched over HTTP (the default without)."
        ),
        examples=["sftp"],
    )
    directory: ServerDirectory = Field(
        default=DIRECTORY,
        description=(
            "Directory on the server for our files; nothing outside of it "
            "is ever removed."
        ),
        examples=[DIRECTORY],
    )
