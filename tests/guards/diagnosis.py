"""Guards of what is said of a server, and of who is woken."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="no remedy goes beyond the table",
        file="monitor/domain/diagnosis/diagnosis.py",
        line="(one for one in row.may if one in wished)",
        without="(wished)",
        tests="tests/domain/diagnosis",
    ),
    Guard(
        says="planned work wakes nobody",
        file="monitor/domain/diagnosis/paging.py",
        line="    if around.maintenance:",
        without="    if around.maintenance and False:",
        tests="tests/engine/test_pager.py tests/domain/diagnosis",
    ),
    Guard(
        says="our own change wakes nobody",
        file="monitor/domain/diagnosis/paging.py",
        line="    if around.own_change:",
        without="    if around.own_change and False:",
        tests="tests/engine/test_pager.py tests/domain/diagnosis",
    ),
    Guard(
        says="what flaps begins no page",
        file="monitor/domain/diagnosis/paging.py",
        line="    if around.flapping and not may_flap:",
        without="    if around.flapping and may_flap:",
        tests="tests/engine/test_pager.py tests/domain/diagnosis",
    ),
    Guard(
        says="one page speaks for a machine",
        file="monitor/domain/diagnosis/paging.py",
        line="    if around.parent:",
        without="    if around.parent and False:",
        tests="tests/engine/test_pager.py tests/domain/diagnosis",
    ),
    Guard(
        says="our own blindness pages for no server",
        file="monitor/domain/diagnosis/paging.py",
        line='_OF_NOBODY = frozenset({"monitor_blind"})',
        without="_OF_NOBODY: frozenset[str] = frozenset()",
        tests="tests/engine/test_pager.py tests/domain/diagnosis",
    ),
    Guard(
        says="a diagnosis waits for evidence in doubt",
        file="monitor/domain/diagnosis/following.py",
        line="    if wants and case.now - began < DOUBT:",
        without="    if wants and case.now < began:",
        tests="tests/domain/diagnosis",
    ),
    Guard(
        says="what is not certain is not believed for want of time",
        file="monitor/domain/diagnosis/following.py",
        line="    fresh = certainly(case)",
        without="    pass",
        tests="tests/domain/diagnosis",
    ),
    Guard(
        says="a page of a server that is gone ends",
        file="monitor/engine/ward.py",
        line="        self._pager.forget(fresh, self._clock.now())",
        without="        pass",
        tests="tests/engine/test_ward.py",
    ),
    Guard(
        says="a past that nobody confirms is not believed for long",
        file="monitor/engine/first_looks.py",
        line="        if 0 <= waited < FIRST_LOOKS:",
        without="        if waited >= 0:",
        tests="tests/engine/test_first_looks.py",
    ),
    Guard(
        says="a restart ends no page before every check was looked at",
        file="monitor/engine/first_looks.py",
        line="return fresh.cause == NO_DATA or _are_missing(case)",
        without="return fresh.cause == NO_DATA",
        tests="tests/engine/test_ward_restored.py",
    ),
    Guard(
        says="what canaries said before a restart waits for canaries",
        file="monitor/engine/first_looks.py",
        line="return late and any(map(_is_recalled, case.canaries()))",
        without="return False",
        tests="tests/engine/test_first_looks.py",
    ),
)
