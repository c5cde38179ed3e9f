"""The whole configuration."""

from pydantic import Field, PrivateAttr
from typing_extensions import override

from monitor.config.sections.access import Access
from monitor.config.sections.automation import Automation
from monitor.config.sections.hosts import Host
from monitor.config.sections.inventory import Inventory
from monitor.config.sections.log import Log
from monitor.config.sections.section import Section
from monitor.config.sections.server import Server
from monitor.config.sections.state import State
from monitor.config.sections.targets import Target
from monitor.config.values.address import Reachable
from monitor.config.values.file import Source
from monitor.config.values.refusal import Loc


class Settings(Section):
    """Effective settings: `defaults` are merged, files looked at."""

    server: Server = Field(
        default_factory=Server,
        description="The monitor's own HTTP server.",
        examples=[{"listen": "127.0.0.1:10777"}],
    )
    log: Log = Field(
        default_factory=Log,
        description="What it says about its own work.",
        examples=[{"level": "info", "format": "text"}],
    )
    state: State = Field(
        default_factory=State,
        description="What survives a restart.",
        examples=[{"url": "sqlite:///facefusion-monitor.db"}],
    )
    access: Access = Field(
        default_factory=Access,
        description="Who may do what over HTTP.",
        examples=[{"tokens": []}],
    )
    control_addresses: tuple[Reachable, ...] = Field(
        default=(),
        description=(
            "Addresses that should always answer; when they fail too, the "
            "fault is ours."
        ),
        examples=[["192.168.1.1:53"]],
    )
    automation: tuple[Automation, ...] = Field(
        default=(),
        description="What alerts and diagnoses set off.",
        examples=[[{"diagnosis": "hung", "action": "restart"}]],
    )
    hosts: tuple[Host, ...] = Field(
        default=(),
        description="GPU machines that are reached over SSH.",
        examples=[
            [
                {
                    "name": "gpu1",
                    "ssh": {
                        "address": "192.168.1.10",
                        "key_file": "secrets/observe",
                    },
                }
            ]
        ],
    )
    targets: tuple[Target, ...] = Field(
        default=(),
        description="FaceFusion servers; there must be one at least.",
        examples=[[{"name": "studio", "url": "http://192.168.1.10:9002"}]],
    )
    targets_from: tuple[Inventory, ...] = Field(
        default=(),
        description="Lists of more hosts and targets.",
        examples=[[{"file": "fleet/*.yml"}]],
    )

    _secret: frozenset[Loc] = PrivateAttr(default=frozenset())

    @property
    def secret(self) -> frozenset[Loc]:
        """The settings that came from `${NAME}` and are never shown."""
        return self._secret

    @override
    def model_post_init(self, context: object, /) -> None:
        if isinstance(context, Source):
            self._secret = context.secret
