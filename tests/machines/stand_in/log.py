"""Lines as FaceFusion prints them: no time, no level, on stderr."""

import sys


def say(module: str, text: str) -> None:
    """Print a line of FaceFusion's own logger."""
    raw(f"[FACEFUSION.{module}] {text}")


def raw(text: str) -> None:
    """Print what a library below it would print."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def banner(text: str) -> None:
    """Print what Gradio says on stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
