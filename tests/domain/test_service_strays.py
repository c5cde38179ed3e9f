"""What runs beside a unit is read, all of it or nothing."""

from dataclasses import replace

import pytest

from monitor.domain.machine.answered import Answered
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import ServiceReading
from monitor.domain.service.sight import cannot_see, may_be_hidden
from tests.domain.machine_parts import answer
from tests.domain.service_parts import ASKED, process, service


def read(part: object) -> ServiceReading:
    return read_service(Answered(answer(service=part)), ASKED)


def test_strays_are_read_as_processes_are() -> None:
    reading = read(service(strays=[process(pid=900, cgroup="/user.slice")]))

    (own,) = reading.processes
    assert reading.strays == (replace(own, pid=900, cgroup="/user.slice"),)
    assert reading.gaps == ()


def test_an_older_gate_does_not_tell_and_none_there_is_something_else() -> (
    None
):
    assert read(service()).strays is None
    assert read(service(strays=[])).strays == ()


@pytest.mark.parametrize(
    "strays", [[process(), {"pid": 0}], 7, [process()] * 513]
)
def test_strays_that_cannot_all_be_read_are_not_known(strays: object) -> None:
    reading = read(service(strays=strays))

    assert reading.strays is None
    assert [one.pid for one in reading.processes] == [812]
    assert [gap.what for gap in reading.gaps] == ["strays"]


def test_a_gap_about_strays_hides_no_process_of_the_unit() -> None:
    gap = {"part": "service", "what": "strays", "because": "cannot see"}
    body = answer(service=service(strays=None), gaps=[gap])

    reading = read_service(Answered(body), ASKED)

    assert reading.strays is None
    assert not may_be_hidden(reading)
    assert not cannot_see(reading, "listener")
