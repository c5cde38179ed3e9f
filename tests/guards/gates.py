"""Guards that weigh a restart: each gate of recovery, and break-glass."""

from tests.guards.guard import Guard

_WEIGHED = "tests/domain/recovery/test_recovery_weighing.py"
_REFUSES = (
    f"{_WEIGHED}::test_one_fact_makes_one_gate_refuse_whatever_the_others_say"
)
_WORDS = "tests/domain/recovery/test_recovery_gate_words.py"
_PEOPLE = "tests/domain/recovery/test_recovery_gate_people.py"

GUARDS = (
    Guard(
        says="where recovery is off nothing is done",
        file="monitor/domain/recovery/gates/mode.py",
        line="    if set_to not in {SUGGEST, AUTO}:",
        without="    if set_to is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="only what the operator allows is done",
        file="monitor/domain/recovery/gates/permitted.py",
        line="    if situation.action in situation.policy.allow:",
        without="    if situation.action:",
        tests=_REFUSES,
    ),
    Guard(
        says="nothing is done while we cannot trust our eyes",
        file="monitor/domain/recovery/gates/blind.py",
        line="    if situation.blind:",
        without="    if situation.blind is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="planned work holds automation back",
        file="monitor/domain/recovery/gates/maintenance.py",
        line="    if by_automation(situation):",
        without="    if situation is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="a server that is well is left alone",
        file="monitor/domain/recovery/gates/healthy.py",
        line="    if found.is_well:",
        without="    if found is None:",
        tests=_WORDS,
    ),
    Guard(
        says="what somebody stopped is not started",
        file="monitor/domain/recovery/gates/stopped.py",
        line="    if how:",
        without="    if how is None:",
        tests=_WORDS,
    ),
    Guard(
        says="a start is not disturbed",
        file="monitor/domain/recovery/gates/starting.py",
        line="found is not None and found.cause == _STARTING",
        without="found is None",
        tests=_REFUSES,
    ),
    Guard(
        says="what ends after each start is not started again",
        file="monitor/domain/recovery/gates/crash_loop.py",
        line="found is not None and found.cause == _LOOP",
        without="found is None",
        tests=_REFUSES,
    ),
    Guard(
        says="what makes it worse is forbidden",
        file="monitor/domain/recovery/gates/remedy.py",
        line="    if why:",
        without="    if why is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="a second look that finds it well is heard",
        file="monitor/domain/recovery/gates/second_vantage.py",
        line="    if second.agrees is False:",
        without="    if second is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="users' work comes first",
        file="monitor/domain/recovery/gates/busy.py",
        line="    if work.moves is False and stands:",
        without="    if work:",
        tests=_REFUSES,
    ),
    Guard(
        says="the last deed has time to show its effect",
        file="monitor/domain/recovery/gates/cooldown.py",
        line="    if not recent:",
        without="    if not recent or recent:",
        tests=_REFUSES,
    ),
    Guard(
        says="a restart that does not help is not tried for ever",
        file="monitor/domain/recovery/gates/budget.py",
        line="    if done >= most.most:",
        without="    if done < 0:",
        tests=_REFUSES,
    ),
    Guard(
        says="three deeds that did not help open the breaker",
        file="monitor/domain/recovery/gates/breaker.py",
        line="    if len(failed) < FAILURES:",
        without="    if failed is not None:",
        tests=_REFUSES,
    ),
    Guard(
        says="no more than a quarter of the fleet is changed at once",
        file="monitor/domain/recovery/gates/blast_radius.py",
        line="    if changing >= at_once(servers):",
        without="    if changing < 0:",
        tests=_REFUSES,
    ),
    Guard(
        says="what needs other people waits for as many",
        file="monitor/domain/recovery/gates/approval.py",
        line="len(agreed) >= needed",
        without="needed",
        tests=f"{_PEOPLE}"
        "::test_a_reboot_waits_for_people_and_counts_each_once",
    ),
    Guard(
        says="who asks is no other person under any token",
        file="monitor/domain/recovery/gates/approval.py",
        line="person and person != situation.by.person",
        without="person and one.by.name != situation.by.name",
        tests=f"{_PEOPLE}"
        "::test_a_reboot_waits_for_people_and_counts_each_once",
    ),
    Guard(
        says="one change a machine at a time",
        file="monitor/domain/recovery/gates/lock.py",
        line="    if situation.lock:",
        without="    if situation.lock is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="nothing is planned where the machine lets us do nothing",
        file="monitor/domain/recovery/gates/hand.py",
        line="    if situation.hand:",
        without="    if situation.hand is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="a pid without its boot names nobody",
        file="monitor/domain/recovery/gates/identity.py",
        line="    if not service.boot_id:",
        without="    if service.boot_id is None:",
        tests=_WORDS,
    ),
    Guard(
        says="what guards the right thing is never skipped",
        file="monitor/domain/recovery/break_glass.py",
        line="glass is None or glass.gate not in SKIPPABLE",
        without="glass is None",
        tests=f"{_WEIGHED}::test_what_guards_the_right_thing_is_never_skipped",
    ),
    Guard(
        says="broken glass opens one gate only",
        file="monitor/domain/recovery/weighing.py",
        line="if glass is not None and glass.gate == one.gate",
        without="if glass is not None",
        tests="tests/domain/recovery/test_guarded_break_glass.py",
    ),
)
