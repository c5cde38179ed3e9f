"""Diagnoses and pages are written down, in order, and never in the way."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from typing_extensions import override

from monitor.domain.diagnosis.diagnosis import made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.paging import Around, Page, page
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.errors import CannotStore
from monitor.engine.events import (
    Diagnosed,
    Event,
    Forgot,
    Paged,
    PageEnded,
    Reported,
)
from monitor.engine.recorder import AGAIN, TRIES, WAITING, Recorder
from tests.fakes.store import FakeStore

WELL = made_of(Finding(cause="none", because="all is well"), 0.0)
DOWN = made_of(Finding(cause="process_down", because="refused"), 5.0)
DIAGNOSED = Diagnosed(target="studio", before=WELL, after=DOWN)


def a_page() -> Page:
    found = page("studio", "gpu1", DOWN, Around())
    assert found is not None
    return found


class Deaf(FakeStore):
    """A store that refuses, or does not answer, as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[DiagnosisRecord | PageRecord] = []
        self.refuses = 0
        self.silent = False
        self.faults = 0
        self.waits: asyncio.Event | None = None
        self.asked = asyncio.Event()

    @override
    async def keep_diagnosis(self, record: DiagnosisRecord) -> None:
        await self._take(record)

    @override
    async def keep_page(self, record: PageRecord) -> None:
        await self._take(record)

    async def _take(self, record: DiagnosisRecord | PageRecord) -> None:
        self.asked.set()
        if self.waits is not None:
            await self.waits.wait()
        if self.faults:
            self.faults -= 1
            raise KeyError("severity")
        if self.silent:
            raise TimeoutError
        if self.refuses:
            self.refuses -= 1
            raise CannotStore("cannot write the state database: disk full")
        self.written.append(record)


class Office:
    def __init__(self) -> None:
        self.store = Deaf()
        self.told: list[Event] = []
        self.slept: list[float] = []
        self.recorder = Recorder(
            self.store,
            self.told.append,
            url=lambda name: f"http://{name}",
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def lost(self) -> list[str]:
        return [one.because for one in self.told if isinstance(one, Forgot)]


@pytest_asyncio.fixture
async def office() -> AsyncIterator[Office]:
    yield Office()


async def test_what_changed_is_written_in_order(office: Office) -> None:
    office.recorder.start()

    office.recorder.heard(DIAGNOSED)
    office.recorder.heard(Paged(page=a_page()))
    office.recorder.heard(PageEnded(page=a_page(), at=9.0))
    await office.recorder.close(5)

    first, began, ended = office.store.written
    assert isinstance(first, DiagnosisRecord)
    assert (first.cause, first.before) == ("process_down", "none")
    assert first.url == "http://studio"
    assert isinstance(began, PageRecord)
    assert isinstance(ended, PageRecord)
    assert (began.ended_at, ended.ended_at) == (None, 9.0)
    assert [one.value for one in began.remedies] == ["restart"]


async def test_it_writes_as_it_hears(office: Office) -> None:
    office.recorder.start()
    await asyncio.sleep(0)

    office.recorder.heard(DIAGNOSED)
    async with asyncio.timeout(5):
        await office.store.asked.wait()
    await office.recorder.close(5)

    assert len(office.store.written) == 1


async def test_what_is_no_diagnosis_is_not_kept(office: Office) -> None:
    office.recorder.start()

    office.recorder.heard(
        Reported(host="gpu1", target="studio", kind="exit", because="ended")
    )
    await office.recorder.close(5)

    assert office.store.written == []


async def test_a_fault_of_ours_keeps_no_other_from_being_kept(
    office: Office,
) -> None:
    office.store.faults = TRIES
    office.recorder.start()

    office.recorder.heard(DIAGNOSED)
    office.recorder.heard(Paged(page=a_page()))
    await office.recorder.close(5)

    assert len(office.store.written) == 1
    assert office.lost == ["cannot keep it: KeyError: 'severity'"]


async def test_a_full_disk_is_tried_again(office: Office) -> None:
    office.store.refuses = 2
    office.recorder.start()

    office.recorder.heard(DIAGNOSED)
    await office.recorder.close(5)

    assert len(office.store.written) == 1
    assert office.slept == [AGAIN, AGAIN]
    assert office.lost == []


async def test_what_cannot_be_written_is_told_and_the_next_goes_on(
    office: Office,
) -> None:
    office.store.refuses = TRIES
    office.recorder.start()

    office.recorder.heard(DIAGNOSED)
    office.recorder.heard(Paged(page=a_page()))
    await office.recorder.close(5)

    assert office.lost == ["cannot write the state database: disk full"]
    assert len(office.store.written) == 1


async def test_a_database_that_does_not_answer_is_given_up(
    office: Office,
) -> None:
    office.store.silent = True
    office.recorder.start()

    office.recorder.heard(DIAGNOSED)
    await office.recorder.close(5)

    assert office.lost == ["no answer within 2 s"]


async def test_more_than_it_holds_is_told_not_kept(office: Office) -> None:
    for _ in range(WAITING + 1):
        office.recorder.heard(DIAGNOSED)

    assert office.lost == [f"{WAITING} others wait to be written"]


async def test_what_is_not_written_by_the_end_is_told(office: Office) -> None:
    office.store.waits = asyncio.Event()
    office.recorder.start()
    office.recorder.heard(DIAGNOSED)

    await office.recorder.close(0)

    assert office.lost == ["the monitor ended before"]


async def test_one_that_never_began_ends_quietly(office: Office) -> None:
    await office.recorder.close(5)

    assert office.told == []
