"""`hosts[]`: the GPU machines."""

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.sections.ssh import Ssh
from monitor.config.values.duration import Interval
from monitor.config.values.name import Name
from monitor.config.values.path import ServerPath


class GpuWatch(Section):
    """How nvidia-smi is asked."""

    interval: Interval = Field(
        default="15s",
        validate_default=True,
        description="Time between two looks at nvidia-smi.",
        examples=["30s"],
    )


class HostWatch(Section):
    """How processes, ports, disks and logs are looked at."""

    interval: Interval = Field(
        default="30s",
        validate_default=True,
        description="Time between two looks at the machine.",
        examples=["1m"],
    )
    disks: tuple[ServerPath, ...] = Field(
        default=("/",),
        max_length=16,
        description="Mount points whose free space is watched, 16 at most.",
        examples=[["/", "/opt/facefusion"]],
    )


class Host(Section):
    """A GPU machine that is reached over SSH."""

    name: Name = Field(
        description="What metrics and commands call it.", examples=["gpu1"]
    )
    ssh: Ssh = Field(
        description="How to reach it.",
        examples=[{"address": "192.168.1.10", "key_file": "secrets/observe"}],
    )
    gpu: GpuWatch = Field(
        default_factory=GpuWatch,
        description="How its GPUs are watched.",
        examples=[{"interval": "15s"}],
    )
    host: HostWatch = Field(
        default_factory=HostWatch,
        description="How the machine itself is watched.",
        examples=[{"interval": "30s", "disks": ["/"]}],
    )
