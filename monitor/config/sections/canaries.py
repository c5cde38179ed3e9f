"""`targets[].canaries[]`: one class an operation."""

from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.config.sections.benchmark import Band
from monitor.config.sections.section import Section
from monitor.config.values.amount import Number, Whole
from monitor.config.values.duration import Duration, Interval
from monitor.config.values.name import CanaryName

EnhanceModel = Literal["gfpgan_1.4", "codeformer", "restoreformer_plus_plus"]
SwapModel = Literal["inswapper_128", "inswapper_256"]

DEFAULT_INTERVALS = {
    "enhance-gfpgan_1.4": "5m",
    "enhance-codeformer": "15m",
    "enhance-restoreformer_plus_plus": "30m",
    "age": "30m",
    "swap-inswapper_128": "10m",
    "swap-inswapper_256": "10m",
    "batch": "1h",
}
"""By default name, as the example of DESIGN §3.2 has them."""


def _default_name(data: dict[str, Any]) -> str:
    model = data.get("model")
    return f"{data['operation']}-{model}" if model else data["operation"]


def _default_interval(data: dict[str, Any]) -> Any:  # noqa: ANN401 - text, validated to seconds
    return DEFAULT_INTERVALS[_default_name(data)]


_Name = Annotated[
    CanaryName,
    Field(
        description=(
            "What metrics call it; operation[-model] by default. The check "
            "is called canary.NAME."
        ),
        examples=["enhance-gfpgan_1.4"],
    ),
]
_Interval = Annotated[
    Interval,
    Field(
        description=(
            "Time between two runs; 5m to 1h by default, longer for the "
            "heavier jobs."
        ),
        examples=["5m"],
    ),
]
_Timeout = Annotated[
    Duration,
    Field(
        description="How long one run may take, image transfer included.",
        examples=["2m"],
    ),
]
_Expected = Annotated[
    Band | None,
    Field(
        description="Bounds of its own, instead of the RTX 3090 table's.",
        examples=[{"low": "1s", "high": "2s"}],
    ),
]
_Input = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=4096,
        description=(
            "The image to work on instead of the shipped portrait: a file "
            "beside this one, or with canary_files.via: path a path on the "
            "server."
        ),
        examples=["canary/face.jpg"],
    ),
]


class SwapInput(Section):
    """The two images of a swap."""

    source: str = Field(
        min_length=1,
        max_length=4096,
        description="The image whose face is taken; a path as for input.",
        examples=["canary/face.jpg"],
    )
    target: str = Field(
        min_length=1,
        max_length=4096,
        description="The image whose face is replaced; a path as for input.",
        examples=["canary/scene.jpg"],
    )


class EnhanceCanary(Section):
    """`POST /api/v1/enhance-face`."""

    operation: Literal["enhance"] = Field(
        description="What is asked for.", examples=["enhance"]
    )
    model: EnhanceModel = Field(
        default="gfpgan_1.4",
        description="The face enhancer.",
        examples=["codeformer"],
    )
    blend: Number = Field(
        default=1.0,
        ge=0,
        le=1,
        description="How much of the result is shown, 0 to 1.",
        examples=[1.0],
    )
    name: _Name = Field(default_factory=_default_name)
    interval: _Interval = Field(default_factory=_default_interval)
    timeout: _Timeout = Field(default="120s", validate_default=True)
    benchmark: _Expected = None
    input: _Input = None


class AgeCanary(Section):
    """`POST /api/v1/adjust-face`."""

    operation: Literal["age"] = Field(
        description="What is asked for.", examples=["age"]
    )
    target_age: Whole = Field(
        default=45,
        ge=0,
        le=100,
        description="The age to show, in years.",
        examples=[45],
    )
    blend: Number = Field(
        default=1.0,
        ge=0,
        le=1,
        description="How much of the result is shown, 0 to 1.",
        examples=[1.0],
    )
    name: _Name = Field(default_factory=_default_name)
    interval: _Interval = Field(default_factory=_default_interval)
    timeout: _Timeout = Field(default="120s", validate_default=True)
    benchmark: _Expected = None
    input: _Input = None


class SwapCanary(Section):
    """`POST /api/v1/swap-face`."""

    operation: Literal["swap"] = Field(
        description="What is asked for.", examples=["swap"]
    )
    model: SwapModel = Field(
        default="inswapper_128",
        description="The face swapper.",
        examples=["inswapper_128"],
    )
    name: _Name = Field(default_factory=_default_name)
    interval: _Interval = Field(default_factory=_default_interval)
    timeout: _Timeout = Field(default="120s", validate_default=True)
    benchmark: _Expected = None
    input: SwapInput | None = Field(
        default=None,
        description="Two images, instead of the shipped portraits.",
        examples=[{"source": "canary/face.jpg", "target": "canary/b.jpg"}],
    )


class BatchEnhance(Section):
    """An enhancement within a batch; the backend takes no blend there."""

    operation: Literal["enhance"] = Field(
        description="What is asked for.", examples=["enhance"]
    )
    model: EnhanceModel = Field(
        default="gfpgan_1.4",
        description="The face enhancer.",
        examples=["codeformer"],
    )


class BatchAge(Section):
    """A change of age within a batch; the backend takes no blend there."""

    operation: Literal["age"] = Field(
        description="What is asked for.", examples=["age"]
    )
    target_age: Whole = Field(
        default=45,
        ge=0,
        le=100,
        description="The age to show, in years.",
        examples=[45],
    )


BatchPart = Annotated[
    BatchEnhance | BatchAge, Field(discriminator="operation")
]


def _guides_batch() -> tuple[BatchPart, ...]:
    return BatchEnhance(operation="enhance"), BatchAge(operation="age")


class BatchCanary(Section):
    """Several operations in one request, through the backend."""

    operation: Literal["batch"] = Field(
        description="What is asked for.", examples=["batch"]
    )
    operations: tuple[BatchPart, ...] = Field(
        default_factory=_guides_batch,
        min_length=1,
        max_length=5,
        description=(
            "What is done to backend.image_url, in this order; one "
            "enhancement and one change of age by default."
        ),
        examples=[[{"operation": "enhance", "model": "codeformer"}]],
    )
    name: _Name = Field(default_factory=_default_name)
    interval: _Interval = Field(default_factory=_default_interval)
    timeout: _Timeout = Field(default="120s", validate_default=True)
    benchmark: _Expected = None


Canary = Annotated[
    EnhanceCanary | AgeCanary | SwapCanary | BatchCanary,
    Field(discriminator="operation"),
]
"""Any canary; all but batch are one job of the server's own API."""
