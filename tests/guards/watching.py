"""Guards of the schedule, of what is known and of what is configured."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="a check that still runs is not started again",
        file="monitor/engine/watch.py",
        line="        if check.key in self._running:",
        without="        if check.key is None:",
        tests="tests/engine/test_watch.py",
    ),
    Guard(
        says="a look that never ends is cut off",
        file="monitor/engine/looking.py",
        line="        await asyncio.wait({task}, timeout=check.deadline)",
        without="        await asyncio.wait({task})",
        tests="tests/engine/test_watch.py",
    ),
    Guard(
        says="a reading that is too old is no fact",
        file="monitor/engine/entry.py",
        line="abs(now - at) <= self.check.stale_after",
        without="at - now <= self.check.stale_after",
        tests="tests/engine/test_board.py tests/outputs",
    ),
    Guard(
        says="a look whose check was taken off the board counts nothing",
        file="monitor/engine/watch.py",
        line=" if entry is not None and entry.check is check else None",
        without="",
        tests="tests/engine/test_watch.py tests/engine/test_board.py",
    ),
    Guard(
        says="a run that was taken off the schedule never begins",
        file="monitor/adapters/scheduler/scheduler.py",
        line=" or self._plans.get(name) is not plan:",
        without=":",
        tests="tests/adapters/test_scheduler.py"
        " tests/adapters/test_scheduler_plan_time.py",
    ),
    Guard(
        says="a canary steps aside for users' work",
        file="monitor/engine/canary_gate.py",
        line="        if doing and not self._skipped(check.key, BUSY):",
        without="        if doing and self._skipped(check.key, BUSY):",
        tests="tests/engine/test_canary_gate.py",
    ),
    Guard(
        says="our own canary is no sign of users' work",
        file="monitor/engine/canary_gate.py",
        line="        return None if ours else seen.reading",
        without="        return seen.reading",
        tests="tests/engine/test_canary_gate.py",
    ),
    Guard(
        says="a list that shrinks to nothing counts as it was",
        file="monitor/daemon/configuration.py",
        line="            if held and says_something(held) and is_empty("
        "listed):",
        without="            if held is listed:",
        tests="tests/daemon/test_configuration.py",
    ),
    Guard(
        says="a list reads nothing of our environment",
        file="monitor/config/environment.py",
        line=" and not entry.file:",
        without=":",
        tests="tests/config/test_lists_of_targets.py",
    ),
    Guard(
        says="tokens that cannot be read change nothing",
        file="monitor/daemon/reload.py",
        line="[prepare(settings) for prepare in self.prepare]",
        without="[(lambda p=p: p(settings)()) for p in self.prepare]",
        tests="tests/daemon/test_reload.py",
    ),
)
