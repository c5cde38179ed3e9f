"""Prints whether the audit can be trusted."""

from monitor.cli.console import console
from monitor.cli.words import plain
from monitor.schemas.audit import AuditVerification


def print_verification(told: AuditVerification) -> None:
    """Print every flaw, then how many entries there are, and the head."""
    for flaw in told.flaws:
        _say(f"[red]{plain(flaw)}[/]")
    count = f"{told.entries} {'entry' if told.entries == 1 else 'entries'}"
    said = "[green]whole[/]" if told.ok else "[red]not to be trusted[/]"
    _say(f"audit: {said}, {count}")
    if told.head is not None:
        _say(f"head: {told.head.sequence}:{plain(told.head.hash)}")


def _say(line: str) -> None:
    """Print a line that is not folded, so that it can be copied."""
    console().print(line, highlight=False, soft_wrap=True)
