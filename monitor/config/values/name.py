"""Names: of targets, hosts, canaries, labels, users and units.

They end up in labels, addresses and one day in commands, so each kind has
a small alphabet.
"""

import re
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.values.refusal import Refusal, Refused

PROMETHEUS_LABELS = ("instance", "job", "le", "quantile")
"""What Prometheus adds itself or gives a meaning of its own."""
OWN_LABELS = ("dialect", "host", "target", "url")
"""What `facefusion_target_info` says itself (DESIGN §3.4)."""

_NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_CANARY = r"^[a-z0-9][a-z0-9._-]{0,55}$"  # with `canary.` it is a _NAME
_LABEL = r"^[a-zA-Z_][a-zA-Z0-9_]{0,62}$"
_USER = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"
_UNIT = r"^[A-Za-z0-9_][A-Za-z0-9_:.@\\-]{0,254}$"
_PERSON = r"^\S(.{0,62}\S)?$"


def _matching(value: object, *, pattern: str, hint: str) -> object:
    if isinstance(value, str) and not re.fullmatch(pattern, value):
        raise Refused(Refusal(what="{value} is not a usable name", hint=hint))
    return value


def _label(value: object) -> object:
    if value in OWN_LABELS:
        raise Refused(
            Refusal(
                what="this label is already used by the monitor",
                hint="choose a name other than dialect, host, target and url",
            )
        )
    if value in PROMETHEUS_LABELS:
        raise Refused(
            Refusal(
                what="this label is used by Prometheus itself",
                hint="choose a name other than instance, job, le, quantile",
            )
        )
    if isinstance(value, str) and value.startswith("__"):
        raise Refused(
            Refusal(
                what="labels that start with __ belong to Prometheus",
                hint="leave the underscores out",
            )
        )
    if isinstance(value, str) and not re.fullmatch(_LABEL, value):
        raise Refused(
            Refusal(
                what="this is not a name for a label",
                hint="use letters, digits and _, and no digit first",
            )
        )
    return value


def _named(pattern: str, hint: str) -> BeforeValidator:
    return BeforeValidator(
        partial(_matching, pattern=pattern, hint=hint),
        Annotated[str, Field(pattern=pattern)],
    )


_ALPHABET = "use a-z, 0-9, dot, _ and -, letter or digit first"

Name = Annotated[str, _named(_NAME, f"{_ALPHABET}, 63 characters at most")]
CanaryName = Annotated[
    str, _named(_CANARY, f"{_ALPHABET}, 56 characters at most")
]
LabelName = Annotated[
    str, BeforeValidator(_label, Annotated[str, Field(pattern=_LABEL)])
]
UserName = Annotated[
    str, _named(_USER, "use letters, digits, dot, _ and -, and no - first")
]
UnitName = Annotated[
    str, _named(_UNIT, "write it as systemctl or docker does")
]
Person = Annotated[
    str, _named(_PERSON, "write 1 to 64 characters on one line")
]
