"""Writes nested elements the way nvidia-smi does: one a line, with tabs."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

Text = tuple[str, str]
Node = tuple[str, "str | Sequence[Node]"]

_HEAD = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">
"""


def na(*names: str) -> list[Node]:
    """Return elements that this card does not report."""
    return [(name, "N/A") for name in names]


def document(nodes: Sequence[Node]) -> str:
    """Return the whole answer of `nvidia-smi -q -x`."""
    lines = list(_lines(("nvidia_smi_log", nodes), 0))
    return _HEAD + "\n".join(lines) + "\n"


def _lines(node: Node, depth: int) -> Iterable[str]:
    name, content = node
    indent = "\t" * depth
    if isinstance(content, str):
        yield f"{indent}<{name}>{escape(content)}</{name.split()[0]}>"
        return
    yield f"{indent}<{name}>"
    for child in content:
        yield from _lines(child, depth + 1)
    yield f"{indent}</{name.split()[0]}>"
