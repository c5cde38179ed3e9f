"""Which pages hold: one a server, told or withheld, always ended."""

from dataclasses import replace

from monitor.domain.diagnosis.cause import Severity
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.record import PageRecord
from monitor.domain.fleet import Target
from monitor.engine.events import Event, Paged, PageEnded
from monitor.engine.pager import GOES_ON, Pager

STUDIO = Target(name="studio", url="http://s", dialect="rest", host="gpu1")
ATTIC = Target(name="attic", url="http://a", dialect="rest", host="gpu1")
ANNEX = Target(name="annex", url="http://x", dialect="rest")
NOW = 1000.0


def sick(cause: str, at: float = NOW) -> Diagnosis:
    return made_of(Finding(cause=cause, because=f"it is {cause}"), at)


class Desk:
    def __init__(self) -> None:
        self.told: list[Event] = []
        self.planned: dict[str, str] = {}
        self.changing: dict[str, str] = {}
        self.pager = Pager(
            tell=self.told.append,
            planned=lambda name: self.planned.get(name, ""),
            changing=lambda name: self.changing.get(name, ""),
        )

    def follow(
        self,
        target: Target,
        cause: str,
        *,
        at: float = NOW,
        flapping: tuple[str, ...] = (),
    ) -> None:
        self.pager.follow(target, sick(cause, at), flapping, at)

    def lines(self) -> list[tuple[str, str, str, str]]:
        """Return what was told: what, of whom, the cause, why withheld."""
        return [
            (
                "began" if isinstance(one, Paged) else "ended",
                one.page.target,
                one.page.cause,
                one.page.withheld,
            )
            for one in self.told
            if isinstance(one, Paged | PageEnded)
        ]


def test_a_page_begins_once_and_ends_when_all_is_well() -> None:
    desk = Desk()

    desk.follow(STUDIO, "process_down")
    desk.follow(STUDIO, "process_down", at=NOW + 10)
    desk.follow(STUDIO, "none", at=NOW + 20)

    assert desk.lines() == [
        ("began", "studio", "process_down", ""),
        ("ended", "studio", "process_down", ""),
    ]
    assert desk.pager.page("studio") is None


def test_without_a_book_of_work_nothing_withholds_a_page() -> None:
    told: list[Event] = []
    pager = Pager(tell=told.append)

    pager.follow(STUDIO, sick("process_down"), (), NOW)

    page = pager.page("studio")
    assert page is not None
    assert page.wakes


def test_a_server_that_comes_and_goes_has_one_page() -> None:
    desk = Desk()

    for at in (NOW, NOW + 60, NOW + 120):
        desk.follow(STUDIO, "process_down", at=at)
        desk.follow(STUDIO, "server_error", at=at + 30)

    began = [one.page for one in desk.told if isinstance(one, Paged)]
    assert {(one.cause, one.at) for one in began} == {
        ("process_down", NOW),
        ("server_error", NOW + 30),
    }


def test_the_same_page_later_is_a_new_one() -> None:
    desk = Desk()

    desk.follow(STUDIO, "process_down")
    desk.follow(STUDIO, "none", at=NOW + 10)
    desk.follow(STUDIO, "process_down", at=NOW + 10 + GOES_ON)

    page = desk.pager.page("studio")
    assert page is not None
    assert page.at == NOW + 10 + GOES_ON


def test_another_cause_is_another_page() -> None:
    desk = Desk()

    desk.follow(STUDIO, "process_down")
    desk.follow(STUDIO, "crash_loop", at=NOW + 10)

    assert desk.lines() == [
        ("began", "studio", "process_down", ""),
        ("ended", "studio", "process_down", ""),
        ("began", "studio", "crash_loop", ""),
    ]


def test_what_needs_nobody_is_no_page() -> None:
    desk = Desk()

    for cause in ("none", "starting", "busy", "no_data", "monitor_blind"):
        desk.follow(STUDIO, cause)

    assert desk.lines() == []


def test_planned_work_withholds_a_page_and_its_end_tells_it() -> None:
    desk = Desk()
    desk.planned["studio"] = "planned work: new card"

    desk.follow(STUDIO, "process_down")
    held = desk.pager.page("studio")
    desk.planned.clear()
    desk.follow(STUDIO, "process_down", at=NOW + 60)

    assert held is not None
    assert held.withheld_because == "planned work: new card"
    assert desk.lines() == [
        ("began", "studio", "process_down", "maintenance"),
        ("ended", "studio", "process_down", "maintenance"),
        ("began", "studio", "process_down", ""),
    ]


def test_a_page_that_is_out_is_taken_back_by_planned_work() -> None:
    desk = Desk()

    desk.follow(STUDIO, "process_down")
    desk.planned["studio"] = "planned work: new card"
    desk.follow(STUDIO, "process_down", at=NOW + 60)

    assert desk.lines()[1:] == [
        ("ended", "studio", "process_down", ""),
        ("began", "studio", "process_down", "maintenance"),
    ]


def test_our_own_change_wakes_nobody() -> None:
    desk = Desk()
    desk.changing["studio"] = "restart 7 is under way"

    desk.follow(STUDIO, "process_down")

    assert desk.lines() == [("began", "studio", "process_down", "own_change")]


def test_what_flaps_begins_no_page_and_ends_none() -> None:
    desk = Desk()

    desk.follow(STUDIO, "server_error", flapping=("status",))
    withheld = desk.pager.page("studio")
    desk.follow(STUDIO, "server_error", at=NOW + 5)
    desk.follow(STUDIO, "server_error", at=NOW + 9, flapping=("status",))

    assert withheld is not None
    assert withheld.withheld_because == "status flaps"
    assert desk.lines()[-1] == ("began", "studio", "server_error", "")


def test_a_loop_of_crashes_is_paged_although_it_comes_and_goes() -> None:
    desk = Desk()

    desk.follow(STUDIO, "crash_loop", flapping=("status", "process"))

    assert desk.lines() == [("began", "studio", "crash_loop", "")]


def test_one_page_speaks_for_every_server_of_a_machine() -> None:
    desk = Desk()

    desk.follow(STUDIO, "host_unreachable")
    desk.follow(ATTIC, "host_unreachable", at=NOW + 1)

    child = desk.pager.page("attic")
    assert child is not None
    assert (child.withheld, child.is_told) == ("child", False)
    assert "studio" in child.withheld_because


def test_a_servers_own_cause_is_nobody_elses() -> None:
    desk = Desk()

    desk.follow(STUDIO, "process_down")
    desk.follow(ATTIC, "process_down", at=NOW + 1)
    desk.follow(ANNEX, "host_unreachable", at=NOW + 1)

    assert [line[3] for line in desk.lines()] == ["", "", ""]


def test_servers_of_a_machine_that_heal_one_by_one_page_nobody_anew() -> None:
    desk = Desk()
    desk.follow(STUDIO, "host_unreachable")
    desk.follow(ATTIC, "host_unreachable", at=NOW + 1)
    desk.told.clear()

    desk.follow(STUDIO, "none", at=NOW + 100)
    desk.follow(ATTIC, "host_unreachable", at=NOW + 101)
    desk.follow(ATTIC, "none", at=NOW + 105)

    assert desk.lines() == [
        ("ended", "studio", "host_unreachable", ""),
        ("ended", "attic", "host_unreachable", "child"),
    ]


def test_a_machine_that_stays_sick_for_one_gets_that_ones_page() -> None:
    desk = Desk()
    desk.follow(STUDIO, "gpu_lost")
    desk.follow(ATTIC, "gpu_lost", at=NOW + 1)
    desk.follow(STUDIO, "none", at=NOW + 100)
    desk.told.clear()

    desk.follow(ATTIC, "gpu_lost", at=NOW + 161)

    assert desk.lines() == [
        ("ended", "attic", "gpu_lost", "child"),
        ("began", "attic", "gpu_lost", ""),
    ]


def test_the_server_that_spoke_may_speak_again_at_once() -> None:
    desk = Desk()
    desk.follow(STUDIO, "gpu_lost")
    desk.follow(STUDIO, "none", at=NOW + 10)

    desk.follow(STUDIO, "gpu_lost", at=NOW + 20)

    assert desk.lines()[-1] == ("began", "studio", "gpu_lost", "")


def test_a_server_that_is_not_watched_any_more_ends_its_page() -> None:
    desk = Desk()
    desk.follow(ANNEX, "process_down")

    desk.pager.forget({"annex", "studio"}, NOW + 5)

    assert desk.lines()[-1] == ("ended", "annex", "process_down", "")


def test_pages_from_before_a_restart_go_on() -> None:
    desk = Desk()
    held = PageRecord(
        target="studio",
        at=NOW - 50,
        host="gpu1",
        cause="process_down",
        severity=Severity.CRITICAL,
        because="it ended",
    )

    desk.pager.restore(
        [
            held,
            replace(held, target="gone"),
            replace(held, target="attic", ended_at=NOW - 1),
        ],
        {"studio", "attic"},
        NOW,
    )
    desk.follow(STUDIO, "process_down")

    assert desk.lines() == [("ended", "gone", "process_down", "")]
    page = desk.pager.page("studio")
    assert page is not None
    assert page.at == NOW - 50
    assert desk.pager.page("attic") is None


def test_of_two_pages_that_seem_to_hold_the_newest_does() -> None:
    desk = Desk()
    old = PageRecord(
        id=7,
        target="annex",
        at=NOW - 900,
        host="",
        cause="hung",
        severity=Severity.CRITICAL,
        because="it is hung",
    )
    new = replace(old, id=8, at=NOW - 300, cause="process_down")

    desk.pager.restore([new, old], {"annex"}, NOW)

    assert desk.lines() == [("ended", "annex", "hung", "")]
    held = desk.pager.page("annex")
    assert held is not None
    assert held.cause == "process_down"


def test_a_neighbour_that_heals_ends_no_page_of_the_same_cause() -> None:
    desk = Desk()
    desk.follow(STUDIO, "hung")
    desk.follow(ATTIC, "hung")

    desk.follow(ATTIC, "none", at=NOW + 10)
    desk.follow(STUDIO, "hung", at=NOW + 11)

    assert desk.lines() == [
        ("began", "studio", "hung", ""),
        ("began", "attic", "hung", ""),
        ("ended", "attic", "hung", ""),
    ]
