"""Names what a text is that is not nvidia-smi's XML or CSV."""

import re

from monitor.domain.nvidia_smi.text import excerpt
from monitor.domain.nvidia_smi.texts import said

_LOOKED_AT = 8 * 1024

_KINDS = (
    (r"(?m)^=+NVSMI LOG=+", "it is the text form of -q; ask with -q -x"),
    (r"IX-ML:|\bixsmi\b", "it comes from Iluvatar's ixsmi, not from NVIDIA"),
    (r"(?m)^\+-{20,}", "it is the table for people; ask with -q -x"),
    (r"(?m)^# gpu +pid", "it is the process monitor (pmon); ask with -q -x"),
    (r"(?m)^# gpu ", "it is the device monitor (dmon); ask with -q -x"),
    (r"(?m)^List of valid properties", "it is a list of query fields"),
    (r"(?m)^GPU \d+: .*\(UUID: ", "it is a list of GPUs; ask with -q -x"),
    (r"(?i)<html|<!doctype html", "it is an HTML page"),
    (r"NVRM:|(?m:^\[[^\]\n]{4,40}\] )", "it is a kernel log"),
    (
        r"(?m)^[a-z_.]+, .*\b(?:gpu_utilization|max_memory_usage)\b",
        "it lists accounted processes",
    ),
    (
        r"(?m)^[a-z_.]+(?: \[[^\]\n]{1,9}\])?, [a-z_.]+",
        "it is CSV without a header that names a uuid; query uuid as well",
    ),
)


def kind(text: str) -> str:
    """Return a clause such as "it is an HTML page"."""
    start = text[:_LOOKED_AT]
    if not start.strip():
        return "it is empty"
    if complaints := said(start):
        return complaints[0].because
    for pattern, name in _KINDS:
        if re.search(pattern, start):
            return name
    return f'it is neither XML nor CSV: "{excerpt(start)}"'
