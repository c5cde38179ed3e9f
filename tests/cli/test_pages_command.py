"""`pages`: who was woken, or would have been, the newest last."""

import json

import pytest

from monitor.adapters.clock import SystemClock
from tests.cli.asking import Person
from tests.fakes.daemon_documents import page


@pytest.fixture
def paged(person: Person) -> Person:
    person.daemon.pages = [
        page(9, ended_at=None, duration_seconds=3600.0),
        page(
            8,
            cause="slow",
            severity="warning",
            woken="morning",
            because="twice as slow",
        ),
        page(
            7,
            target="attic",
            woken="nobody",
            withheld="maintenance",
            withheld_because="a new driver",
        ),
        page(6),
        page(5, woken="nobody", withheld="own_change"),
    ]
    return person


def test_the_newest_page_is_last_and_all_are_counted(paged: Person) -> None:
    said = paged.says("pages")

    heading, *rows = said.lines[:-2]
    assert (said.code, said.err) == (0, "")
    assert heading == [
        *("BEGAN", "(UTC)", "FOR", "TARGET", "CAUSE", "SEVERITY", "WOKEN"),
        "BECAUSE",
    ]
    assert [row[1] for row in rows] == [
        f"15:0{number}:00" for number in range(5, 10)
    ]
    assert said.out.splitlines()[-1] == (
        "2 would have woken somebody; 1 would have waited for the morning;"
        " 2 withheld: 1 maintenance, 1 own change"
    )
    assert "\x1b" not in said.out


def test_each_page_says_who_was_woken_and_why(paged: Person) -> None:
    _, _, woken, nobody, morning, still = paged.says("pages").lines[:6]

    assert woken[2:7] == ["30s", "studio", "process_down", "critical", "woken"]
    assert woken[7:] == ["no", "process"]
    assert nobody[3] == "attic"
    assert nobody[6:] == ["no:", "a", "new", "driver", "no", "process"]
    assert morning[4:10] == [
        "slow",
        "warning",
        *("waits", "for", "the", "morning"),
    ]
    assert still[2:4] == ["1h,", "still"]


def test_it_asks_for_so_many_days_and_one_target(paged: Person) -> None:
    said = paged.says("pages", "--since", "2d", "--target", "studio")

    asked = paged.daemon.asked[-1]
    assert (said.code, asked.path) == (0, "/api/v1/pages")
    assert (asked.query["target"], asked.query["limit"]) == ("studio", "1000")
    # The command asks the machine's own clock; a minute is enough for it.
    assert SystemClock().now() - float(asked.query["since"]) == pytest.approx(
        2 * 86_400, abs=60
    )
    assert "attic" not in said.out


def test_more_than_are_shown_are_told_of(paged: Person) -> None:
    said = paged.says("pages", "--limit", "2")

    assert said.out.count("15:0") == 2
    assert said.err.startswith("there are more: --limit ")


def test_json_is_the_document_of_the_wire(paged: Person) -> None:
    said = paged.says("pages", "--format", "json")

    ids = [one["id"] for one in json.loads(said.out)["pages"]]
    assert ids == [9, 8, 7, 6, 5]


def test_a_quiet_week_is_said_to_be_one(person: Person) -> None:
    said = person.says("pages")

    assert (said.code, said.out) == (
        0,
        "no page began or held meanwhile: nobody was woken\n",
    )


def test_words_of_others_move_no_cursor_and_are_no_markup(
    person: Person,
) -> None:
    person.daemon.pages = [page(1, because="[red]x\x1b[2J\ny")]

    said = person.says("pages")

    assert "\x1b" not in said.out
    assert "[red]x [2J y" in said.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--since", "7"), "cannot use --since: '7' has no unit"),
        (("--limit", "0"), "cannot understand the command: "),
        (("--target", "stranger"), "cannot find target 'stranger': the dae"),
    ],
)
def test_bad_usage_is_told_in_one_line(
    person: Person, arguments: tuple[str, ...], error: str
) -> None:
    said = person.says("pages", *arguments)

    assert said.code == 64
    assert said.err.startswith(error)
    assert said.err.count("\n") == 1
