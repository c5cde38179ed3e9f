"""What canaries must be beside each other and beside their target."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationInfo

from monitor.config.sections.canaries import (
    BatchCanary,
    Canary,
    SwapCanary,
)
from monitor.config.sections.canary_files import Via
from monitor.config.values.duration import duration_text
from monitor.config.values.file import existing_file
from monitor.config.values.path import parse_server_path
from monitor.config.values.refusal import (
    Loc,
    Refusal,
    Refused,
    refuse_if_any,
)


def check_canaries(
    canaries: tuple[Canary, ...], target: Mapping[str, Any]
) -> None:
    """Raise `Refused` with all that is wrong between them.

    `target` holds the target's settings that were accepted so far.
    """
    refuse_if_any(
        [
            *_repeated(canaries),
            *_never_done(canaries),
            *_without_path(canaries, target),
        ]
    )


def with_inputs(
    canaries: tuple[Canary, ...], via: Via, info: ValidationInfo
) -> tuple[Canary, ...]:
    """Return them with the path of each input made absolute.

    Raises `Refused` for an input that is not there (or, with `via: path`,
    is not a path on the server).
    """
    refusals: list[Refusal] = []
    done = tuple(
        _with_input(canary, (index, "input"), via, info, refusals)
        for index, canary in enumerate(canaries)
    )
    refuse_if_any(refusals)
    return done


def _repeated(canaries: tuple[Canary, ...]) -> Iterator[Refusal]:
    seen: dict[str, int] = {}
    for index, canary in enumerate(canaries):
        first = seen.setdefault(canary.name, index)
        if first != index:
            yield Refusal(
                what=f"canaries {first} and {index} have the same name",
                hint="give one of them another name",
                at=((index, "name"), (index,)),
            )


def _never_done(canaries: tuple[Canary, ...]) -> Iterator[Refusal]:
    """Yield where a timeout was chosen that outlasts the interval.

    The default timeout may: overlapping runs are skipped and counted.
    """
    for index, canary in enumerate(canaries):
        chosen = "timeout" in canary.model_fields_set
        if chosen and canary.timeout > canary.interval:
            timeout = duration_text(canary.timeout)
            interval = duration_text(canary.interval)
            yield Refusal(
                what=f"a timeout of {timeout} is longer than the interval "
                f"of {interval}",
                hint="shorten timeout or lengthen interval",
                at=((index, "timeout"), (index, "interval")),
            )


def _without_path(
    canaries: tuple[Canary, ...], target: Mapping[str, Any]
) -> Iterator[Refusal]:
    files = target.get("canary_files")
    if files is None or files.via != "path":
        return
    for index, canary in enumerate(canaries):
        if not isinstance(canary, BatchCanary) and canary.input is None:
            yield Refusal(
                what="it has no input, but with canary_files.via: path only "
                "you know where the image is",
                hint="add input with its path on the server",
                at=((index,), ()),
            )


def _with_input(
    canary: Canary,
    loc: Loc,
    via: Via,
    info: ValidationInfo,
    refusals: list[Refusal],
) -> Canary:
    if isinstance(canary, BatchCanary) or canary.input is None:
        return canary
    if isinstance(canary, SwapCanary):
        pair = {
            side: _located(
                getattr(canary.input, side), (*loc, side), via, info, refusals
            )
            for side in ("source", "target")
        }
        found = canary.input.model_copy(update=pair)
        return canary.model_copy(update={"input": found})
    path = _located(canary.input, loc, via, info, refusals)
    return canary.model_copy(update={"input": path})


def _located(
    path: str,
    loc: Loc,
    via: Via,
    info: ValidationInfo,
    refusals: list[Refusal],
) -> str:
    try:
        if via == "path":
            return str(parse_server_path(path))
        return str(existing_file(path, info, create="put an image there"))
    except Refused as refused:
        refusals += [replace(one, at=(loc, ())) for one in refused.refusals]
        return path
