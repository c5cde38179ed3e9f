"""`targets[]`: the FaceFusion servers."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from monitor.config.sections.backend import Backend
from monitor.config.sections.benchmark import Benchmark
from monitor.config.sections.browser import Browser
from monitor.config.sections.canaries import Canary
from monitor.config.sections.canary_files import CanaryFilesSettings
from monitor.config.sections.canary_rules import check_canaries, with_inputs
from monitor.config.sections.recovery import Recovery
from monitor.config.sections.section import Section
from monitor.config.sections.service import Service
from monitor.config.sections.status import Status
from monitor.config.values.amount import Percent
from monitor.config.values.duration import Span
from monitor.config.values.file import Source
from monitor.config.values.gpus import Gpus
from monitor.config.values.name import LabelName, Name
from monitor.config.values.refusal import Refusal, Refused
from monitor.config.values.url import ServerUrl

Dialect = Literal["rest", "storycanvas", "gradio", "v4", "generic", "auto"]


def _files_as_usual(data: dict[str, Any]) -> CanaryFilesSettings:
    return CanaryFilesSettings(via=_usual_way(data))


def _usual_way(data: dict[str, Any]) -> Literal["sftp", "url"]:
    return "url" if data.get("host") is None else "sftp"


class Target(Section):
    """One FaceFusion server, on a configured host or not."""

    name: Name = Field(
        description="What metrics and commands call it.", examples=["studio"]
    )
    url: ServerUrl = Field(
        description=(
            "Where it is. No user name or password: it is shown in metrics."
        ),
        examples=["http://192.168.1.10:9002"],
    )
    dialect: Dialect = Field(
        default="rest",
        description="The API it speaks; rest is the integration guide's.",
        examples=["rest"],
    )
    host: Name | None = Field(
        default=None,
        description="Name of the entry in hosts that it runs on.",
        examples=["gpu1"],
    )
    gpus: Gpus = Field(
        default="all",
        description="The GPUs it uses: all, or a list of UUID or index.",
        examples=["all", [0, 1]],
    )
    labels: dict[LabelName, str] = Field(
        default_factory=dict,
        description="Labels on facefusion_target_info.",
        examples=[{"site": "studio"}],
    )
    start_grace: Span = Field(
        default="60s",
        validate_default=True,
        description="How long a start may take before it counts as failed.",
        examples=["60s"],
    )
    status: Status = Field(
        default_factory=Status,
        description="How its status endpoint is watched.",
        examples=[{"interval": "30s", "timeout": "5s"}],
    )
    backend: Backend | None = Field(
        default=None,
        description="Watch it through the StoryCanvas backend too.",
        examples=[{"url": "http://localhost:8000"}],
    )
    browser: Browser | None = Field(
        default=None,
        description="Watch what a user's browser would see.",
        examples=[{"origin": "https://storycanvas.example"}],
    )
    canary_files: CanaryFilesSettings = Field(
        default_factory=_files_as_usual,
        description="How canary images go there and come back.",
        examples=[{"via": "sftp"}],
    )
    canary_budget: Percent = Field(
        default="5%",
        validate_default=True,
        description="Share of the GPU's time that canaries may take.",
        examples=["5%"],
    )
    benchmark: Benchmark = Field(
        default_factory=Benchmark,
        description="How this GPU compares with an RTX 3090.",
        examples=[{"factor": 1.0, "tolerance": 1.5}],
    )
    canaries: tuple[Canary, ...] = Field(
        default=(),
        description="Jobs that are run to prove that it works.",
        examples=[[{"operation": "enhance", "model": "gfpgan_1.4"}]],
    )
    service: Service | None = Field(
        default=None,
        description="What runs it on its host.",
        examples=[{"manager": "systemd", "unit": "facefusion.service"}],
    )
    recovery: Recovery = Field(
        default_factory=Recovery,
        description="What may be done when it is sick.",
        examples=[{"mode": "suggest", "allow": ["restart"]}],
    )

    @field_validator("canary_files", mode="before")
    @classmethod
    def _way_as_usual(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, dict) and value.get("via") is None:
            return {**value, "via": _usual_way(info.data)}
        return value

    @field_validator("canary_files")
    @classmethod
    def _sftp_has_a_host(
        cls, value: CanaryFilesSettings, info: ValidationInfo
    ) -> CanaryFilesSettings:
        if value.via == "sftp" and info.data.get("host", "") is None:
            raise Refused(
                Refusal(
                    what="files go by sftp, but the target has no host",
                    hint="add host, or use via: url or via: path",
                    at=(("via",), ()),
                )
            )
        return value

    @field_validator("canaries")
    @classmethod
    def _canaries_fit_the_target(
        cls, value: tuple[Canary, ...], info: ValidationInfo
    ) -> tuple[Canary, ...]:
        check_canaries(value, info.data)
        files = info.data.get("canary_files")
        if files is None or not isinstance(info.context, Source):
            return value
        return with_inputs(value, files.via, info)
