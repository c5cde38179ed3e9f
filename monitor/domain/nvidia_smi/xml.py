"""The one XML parser: `nvidia-smi -q -x`, trusted no further than needed.

What stands before the root element (XML declaration, DOCTYPE, login banner,
error sentences) never reaches the parser, so no DTD does, internal or
external. Size, tags, depth and GPUs are bounded. A GPU whose element is
broken stands apart; it must not hide the healthy ones.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape, unescape

from monitor.domain.errors import Unreadable

ROOT = "<nvidia_smi_log"
_END = "</nvidia_smi_log>"
_MOST_TAGS = 200_000
"""Counted without supported clocks; a GPU has about 600."""
_DEEPEST = 32
"""nvidia-smi nests 8 deep, in MIG devices."""
MOST_GPUS = 128

_GPU = re.compile(r"<gpu(?=[\s>])")
_CLOCKS = ("<supported_clocks>", "</supported_clocks>")
_NAME = ("<process_name>", "</process_name>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The text of a GPU element that is no XML."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed log: its head, its GPUs in order, and the text around them."""

    head: Element
    gpus: tuple[Element | Broken, ...]
    around: str


def parse(text: str) -> Document:
    """Parse what holds `ROOT`. Raises `Unreadable`."""
    before, body, after = _body(text)
    if body.count("<") > _MOST_TAGS:
        raise _refusal("it has more tags than any number of GPUs explains")
    try:
        head = _tree(body)
        gpus: tuple[Element | Broken, ...] = tuple(head.findall("gpu"))
    except ParseError as flaw:
        head, gpus, after = _piece_by_piece(body, after, flaw)
    if len(gpus) > MOST_GPUS:
        raise _refusal(f"it lists more than {MOST_GPUS} GPUs")
    around = "\n".join((before, head.text or "", *_tails(head), after))
    return Document(head=head, gpus=gpus, around=around)


def _body(text: str) -> tuple[str, str, str]:
    """Split into the text before the root, the root, the text after it."""
    start = text.find(ROOT)
    end = text.find(_END, start)
    if "<!ENTITY" in text[:start]:
        raise _refusal("it declares XML entities, as nvidia-smi never does")
    if end < 0:
        raise _refusal("it is truncated: its end tag is missing")
    end += len(_END)
    # Most of the bytes; and some drivers print malformed XML there.
    body = _replaced(text[start:end], _CLOCKS, lambda _: "")
    return text[:start], body, text[end:]


def _tree(text: str) -> Element:
    root = fromstring(text)
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise _refusal(f"its XML is more than {_DEEPEST} elements deep")
        level = [child for element in level for child in element]
    return root


def _tails(head: Element) -> list[str]:
    return [child.tail for child in head if child.tail]


def _piece_by_piece(
    body: str, after: str, flaw: ParseError
) -> tuple[Element, tuple[Element | Broken, ...], str]:
    first, *rest = _GPU.split(body, maxsplit=MOST_GPUS + 1)
    pieces = [f"<gpu{piece}".partition("</gpu>") for piece in rest]
    try:
        head = _tree(first + _END)
    except ParseError:
        raise _refusal(f"its XML is malformed ({flaw})") from None
    gpus = tuple(_piece(inside + tag) for inside, tag, _ in pieces)
    if all(isinstance(gpu, Broken) for gpu in gpus):
        raise _refusal(f"its XML is malformed ({flaw})")
    between = (text.removesuffix(_END) for _, _, text in pieces)
    return head, gpus, "\n".join((*between, after))


def _piece(text: str) -> Element | Broken:
    try:
        return _tree(_with_escaped_names(text))
    except ParseError:
        return Broken(text=text)


def _with_escaped_names(text: str) -> str:
    """Return the element with `&` and `<` in process names made harmless."""
    opening, closing = _NAME
    return _replaced(
        text, _NAME, lambda name: f"{opening}{_escaped(name)}{closing}"
    )


def _escaped(name: str) -> str:
    return escape(unescape(name, {"&quot;": '"', "&apos;": "'"}))


def _replaced(
    text: str, tags: tuple[str, str], by: Callable[[str], str]
) -> str:
    """Replace tags and what is between them, in one pass over the text."""
    opening, closing = tags
    first, *rest = text.split(opening)
    done = [first]
    for piece in rest:
        inside, closed, after = piece.partition(closing)
        done.append(by(inside) + after if closed else opening + piece)
    return "".join(done)


def _refusal(what: str) -> Unreadable:
    return Unreadable(f"cannot read nvidia-smi output: {what}")
