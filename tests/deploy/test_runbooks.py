"""Every cause has a runbook, and a runbook asks for nothing impossible."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from monitor.cli.app import app
from monitor.domain.diagnosis.cause import CAUSES, DEPTH, Remedy

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "deploy" / "runbooks"
PAGES = sorted(PLACE.glob("*.md"))
BOOKS = [path for path in PAGES if path.name != "README.md"]
README = (PLACE / "README.md").read_text()
HEADINGS = [
    "What users notice",
    "How it was concluded",
    "Check",
    "Do",
    "Never",
    "Escalate",
]
NEVER = re.compile(
    r"pkill -f|killall|kill (-s )?-?(9|KILL)\b|SIGKILL|signal[= ]KILL"
)
"""What ends more than it should, or leaves something behind."""
SHORT = range(15, 41)
"""Lines that somebody reads at three in the morning."""

every_book = pytest.mark.parametrize("book", BOOKS, ids=lambda p: p.stem)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)


def sections(text: str) -> dict[str, str]:
    """Return what stands below each heading of the second level."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands(text: str) -> list[list[str]]:
    """Return our own commands that a text names, word by word."""
    found = re.findall(r"facefusion-monitor ([a-z][^`#|\n]*)", text)
    return [shlex.split(words) for words in found]


def flaw(words: list[str]) -> str:
    """Return why a command cannot be given so, empty when it can."""
    command = typer.main.get_command(app)
    below = getattr(command, "commands", {})
    while below:
        if not words or words[0] not in below:
            return f"no {words[:1]} below {command.name}"
        command, words = below[words[0]], words[1:]
        below = getattr(command, "commands", {})
    known = {name for one in command.params for name in one.opts}
    asked = {word for word in words if word.startswith("--")}
    return f"no {asked - known}" if asked - known else ""


def test_every_cause_has_a_runbook_and_none_is_an_orphan() -> None:
    assert {book.stem for book in BOOKS} == set(DEPTH)
    assert {book.relative_to(ROOT).as_posix() for book in BOOKS} == {
        CAUSES[word].runbook for word in DEPTH
    }


def test_the_index_tells_every_cause_with_what_the_table_says() -> None:
    rows = re.findall(
        r"^\| \[(\w+)\]\((.+?)\) \| (\w+) \| (.+?) \|",
        README,
        flags=re.MULTILINE,
    )

    assert rows == [
        (
            word,
            f"{word}.md",
            CAUSES[word].severity.value,
            ", ".join(CAUSES[word].may) or "nothing",
        )
        for word in DEPTH
    ]


@every_book
def test_a_runbook_says_the_same_as_the_table_of_causes(book: Path) -> None:
    cause = CAUSES[book.stem]
    lines = book.read_text().splitlines()
    may = ", ".join(f"`{one}`" for one in cause.may) or "nothing"

    assert lines[0].startswith(f"# {cause.word}: ")
    assert lines[2] == (
        f"{cause.severity.capitalize()}, {cause.health}."
        f" The monitor may suggest: {may}."
    )


@every_book
def test_a_runbook_has_every_heading_and_is_short(book: Path) -> None:
    text = book.read_text()

    assert list(sections(text)) == HEADINGS
    assert all(body.strip() for body in sections(text).values())
    assert len(text.splitlines()) in SHORT


@every_book
def test_a_runbook_looks_before_it_does(book: Path) -> None:
    """What to look at is there to be copied, and asks us as well."""
    check = sections(book.read_text())["Check"]

    assert check.startswith("```\n")
    assert commands(check) or "curl" in check or "gpu1" in check


@every_page
def test_a_runbook_names_only_commands_and_options_that_exist(
    page: Path,
) -> None:
    flaws = {
        " ".join(words): found
        for words in commands(page.read_text())
        if (found := flaw(words))
    }

    assert flaws == {}


@every_page
def test_no_runbook_ends_a_process_by_pattern_or_by_force(page: Path) -> None:
    """The index may say why not; nobody may say to do it."""
    text = page.read_text()
    allowed = "Never by a name or a pattern"
    told = text.split(allowed)[0] if page.name == "README.md" else text

    assert NEVER.findall(told) == []


@every_book
def test_a_runbook_restarts_nothing_that_the_table_forbids_to(
    book: Path,
) -> None:
    """The monitor may not restart it, so neither does its runbook at once.

    A runbook may say so for the moment after the reason is gone.
    """
    steps = sections(book.read_text())["Do"]
    first = re.search(r"^(?:1\.|-) (.+)", steps, flags=re.MULTILINE)

    assert first is not None
    if Remedy.RESTART not in CAUSES[book.stem].may:
        assert not first[1].lower().startswith("restart it")


@every_book
def test_a_runbook_offers_our_restart_exactly_where_it_may_help(
    book: Path,
) -> None:
    """And says where to look when nobody can act from here."""
    steps = sections(book.read_text())["Do"]
    given = commands(steps)

    may = Remedy.RESTART in CAUSES[book.stem].may
    asked = ["plan", "restart", "studio", "--reason", book.stem]
    assert (asked in given) is may
    assert (["apply", "PLAN"] in given) is may
    assert not may or "(README.md#restart-by-hand)" in steps


@every_page
def test_every_link_of_a_runbook_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", page.read_text())
    headings = {
        "#" + name.lower().replace(" ", "-") for name in sections(README)
    }

    for link in links:
        name, _, place = link.partition("#")
        assert (PLACE / name).is_file(), link
        assert not place or f"#{place}" in headings, link
