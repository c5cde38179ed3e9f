"""From bytes to YAML's nodes, bounded in size and depth."""

import re
from typing import cast

import yaml
from typing_extensions import override

from monitor.config.flaws import Flaw

SIZE_LIMIT = 1024 * 1024
"""Bytes; 1,000 targets with five canaries each are a third of it."""

DEEPEST = 32
"""Levels of nesting; no setting needs a third of them."""


class Unusable(Exception):
    """Nothing more can be read from the file after this flaw."""

    def __init__(self, *, line: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.flaw = Flaw(line=line, path=(), what=what, hint=hint)


def compose(data: bytes) -> yaml.Node | None:
    """Return the root node, None for an empty file; raises `Unusable`."""
    text = _decode(data)
    try:
        return _root(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unusable(
            line=line,
            what="a control character",
            hint="remove it, or write it as \\x.. in double quotes",
        ) from None
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from None
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF"
        raise Unusable(
            line=0,
            what="not YAML: a character that does not exist",
            hint="check what follows each backslash",
        ) from None


def too_deep(line: int) -> Unusable:
    """Return the error for nesting that no setting needs."""
    return Unusable(
        line=line,
        what=f"nested deeper than {DEEPEST} levels",
        hint="look for brackets that never close and for *anchors in "
        "themselves",
    )


class _Reader(yaml.SafeLoader):
    """Refuses deep nesting before Python's own stack ends."""

    depth = 0

    @override
    def compose_node(
        self, parent: yaml.Node | None, index: object
    ) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise too_deep(parent.start_mark.line + 1 if parent else 1)
        node = super().compose_node(parent, cast("int", index))
        self.depth -= 1
        return node


def _root(text: str) -> yaml.Node | None:
    reader = _Reader(text)
    try:
        return reader.get_single_node()
    finally:
        reader.dispose()


def _decode(data: bytes) -> str:
    if len(data) > SIZE_LIMIT:
        raise Unusable(
            line=0,
            what="the file is larger than 1 MiB",
            hint="keep the targets in files of their own, see targets_from",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(
            line=data.count(b"\n", 0, error.start) + 1,
            what="the file is not UTF-8 here",
            hint="save it as UTF-8",
        ) from None


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> Unusable:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    problem, context = error.problem or "unreadable", error.context or ""
    if "'\\t'" in problem:
        return Unusable(
            line=line,
            what="a tab where YAML has spaces",
            hint="indent with spaces",
        )
    if "single document" in context:
        return Unusable(
            line=line,
            what="a second document begins",
            hint="keep one, and leave --- out",
        )
    hint = "check the indentation, colons and quotes around it"
    if context and error.context_mark:
        begun = error.context_mark.line + 1
        hint = f"it came {context} that began on line {begun}"
    if mark and "${" in re.split(r"[\r\n]", text[: mark.index + 1])[-1]:
        hint = "between { and } put quotes around values with ${NAME}"
    return Unusable(line=line, what=f"not YAML: {problem}", hint=hint)
