"""Prints pages, the newest last, and counts them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.words import moment, plain, span
from monitor.schemas.page import Page, Pages, Woken


def print_pages(told: Pages) -> None:
    """Print one row a page; colours only on a terminal."""
    screen = console()
    if not told.pages:
        screen.print("no page began or held meanwhile: nobody was woken")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("BEGAN (UTC)", "FOR", "TARGET", "CAUSE", "SEVERITY", "WOKEN")
    for heading in (*headings, "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for page in reversed(told.pages):
        table.add_row(*_cells(page))
    screen.print(table)
    screen.print()
    line = "; ".join(_counted(told.pages))
    screen.print(line, highlight=False, soft_wrap=True)


def _cells(page: Page) -> tuple[str, ...]:
    lasted = span(page.duration_seconds)
    return (
        moment(page.began_at),
        lasted if page.ended_at else f"{lasted}, still",
        plain(page.target),
        plain(page.cause),
        page.severity.value,
        _woken(page),
        plain(page.because),
    )


def _woken(page: Page) -> str:
    match page.woken:
        case Woken.NOW:
            return "[red]woken[/]"
        case Woken.MORNING:
            return "[yellow]waits for the morning[/]"
        case Woken.NOBODY:
            return f"no: {plain(page.withheld_because)}"


def _counted(pages: Sequence[Page]) -> Iterator[str]:
    """Yield how many did what: who trusts this may wire the pager."""
    woken = Counter(page.woken for page in pages)
    yield f"{woken[Woken.NOW]} would have woken somebody"
    if woken[Woken.MORNING]:
        yield f"{woken[Woken.MORNING]} would have waited for the morning"
    why = Counter(page.withheld for page in pages if page.withheld)
    if why:
        each = (f"{n} {word.replace('_', ' ')}" for word, n in why.items())
        yield f"{why.total()} withheld: {', '.join(sorted(each))}"
