"""Bad usage in our words: the parser's own are a library's."""

import re

from typer.exceptions import TyperException

_OURS = (
    (r"Value error, ", ""),
    (r"Input should be a valid integer.*", "it must be a whole number"),
    (r"Input should be a valid (\w+).*", r"it must be a \1"),
    (r"Input should be ", "it must be "),
)


def misuse(error: TyperException) -> str:
    """Return what was wrong with a command, and where its help is."""
    own = error.message
    text = own if own.startswith("cannot") else error.format_message()
    if not text.strip():  # a group alone: its help was printed already
        return "cannot tell what to do: name one of the commands above"
    if text.startswith("cannot"):
        return text
    for theirs, ours in _OURS:
        text = re.sub(theirs, ours, text, count=1)
    stop = "" if text.endswith((".", "?", "!")) else "."
    return (
        f"cannot understand the command: {text}{stop}"
        f" See '{_command(error)} --help'."
    )


def _command(error: TyperException) -> str:
    """Return the command that was misused, with those above it."""
    context = getattr(error, "ctx", None)
    return getattr(context, "command_path", None) or "facefusion-monitor"
