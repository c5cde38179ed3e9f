"""Which GPUs of its host a target uses."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator

from monitor.config.values.refusal import Refusal, Refused

_UUID = re.compile(r"(GPU|MIG)-[0-9A-Za-z/-]{8,80}", re.ASCII)
_MOST = 64


def parse_gpus(value: object) -> object:
    """Return `all` or the GPUs, indexes as numbers; raises `Refused`."""
    if value == "all":
        return value
    if not isinstance(value, list | tuple) or not 0 < len(value) <= _MOST:
        raise Refused(
            Refusal(
                what="neither all nor a list of GPUs",
                hint="write gpus: all, gpus: [0, 1] or gpus: [GPU-…]",
            )
        )
    gpus = tuple(_gpu(item, index) for index, item in enumerate(value))
    for index, gpu in enumerate(gpus):
        if gpu in gpus[:index]:
            raise Refused(
                Refusal(
                    what="{value} is there twice",
                    hint="name each GPU once",
                    at=((index,),),
                )
            )
    return gpus


def _gpu(value: object, index: int) -> int | str:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value[:9])
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value
    raise Refused(
        Refusal(
            what="{value} is neither the UUID nor the index of a GPU",
            hint="write it as nvidia-smi -L prints it",
            at=((index,),),
        )
    )


Gpus = Annotated[
    Literal["all"] | tuple[int | str, ...],
    BeforeValidator(parse_gpus, Literal["all"] | list[int | str]),
]
"""`all`, or UUIDs and indexes as nvidia-smi prints them."""
