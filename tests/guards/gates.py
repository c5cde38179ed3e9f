"""Guards that weigh and prove a change: gates, break-glass, proofs."""

from tests.guards.guard import Guard

_WEIGHED = "tests/domain/recovery/test_recovery_weighing.py"
_REFUSES = (
    f"{_WEIGHED}::test_one_fact_makes_one_gate_refuse_whatever_the_others_say"
)
_WORDS = "tests/domain/recovery/test_recovery_gate_words.py"
_PEOPLE = "tests/domain/recovery/test_recovery_gate_people.py"
_LADDER = "tests/domain/recovery/test_recovery_gate_ladder.py"
_MEMORY = "tests/domain/recovery/test_recovery_proof_memory.py"
_REBOOT = "tests/domain/recovery/test_recovery_proof_reboot.py"

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
        says="a reboot comes after every milder rung",
        file="monitor/domain/recovery/gates/ladder.py",
        line="        if not how:",
        without="        if how is None:",
        tests=_REFUSES,
    ),
    Guard(
        says="a rung that was not really done is not climbed",
        file="monitor/domain/recovery/gates/ladder.py",
        line="deed.action is rung and deed.done",
        without="deed.action is rung",
        tests=f"{_LADDER}"
        "::test_a_rung_is_climbed_when_it_was_done_and_did_not_help",
    ),
    Guard(
        says="what was done in another incident climbs no rung",
        file="monitor/domain/recovery/gates/ladder.py",
        line="since is not None and since <= deed.intent_at <= now",
        without="True",
        tests=f"{_LADDER}::test_only_what_was_done_since_it_is_sick_counts",
    ),
    Guard(
        says="what was not seen of the GPUs may hold memory",
        file="monitor/domain/recovery/applicable.py",
        line="service.strays is None or may_be_hidden(service)",
        without="service is None",
        tests="tests/domain/recovery/test_recovery_applicable.py",
    ),
    Guard(
        says="a machine that nobody looked at stays up",
        file="monitor/domain/recovery/gates/machine.py",
        line="    if against:",
        without="    if against is None:",
        tests=_WORDS,
    ),
    Guard(
        says="a reboot does not cut packages in two",
        file="monitor/domain/recovery/gates/machine.py",
        line="    if use.packages:",
        without="    if use.packages is False:",
        tests=_WORDS,
    ),
    Guard(
        says="the monitor does not reboot itself",
        file="monitor/domain/recovery/gates/machine.py",
        line="    if use.is_ours:",
        without="    if use.is_ours is None:",
        tests=_WORDS,
    ),
    Guard(
        says="only a rung below that failed needs no cooldown after it",
        file="monitor/domain/recovery/counting.py",
        line="is_same and deed.done and deed.outcome in CLIMBED",
        without="is_same",
        tests="tests/domain/recovery/test_recovery_gate_counting.py",
    ),
    Guard(
        says="a recover of its own writes no intent",
        file="monitor/domain/recovery/counting.py",
        line="    if situation.action is Action.RECOVER:",
        without="    if situation.action is None:",
        tests="tests/domain/recovery/test_recovery_ceilings.py",
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
        says="who cannot be told for sure is not ended for their memory",
        file="monitor/domain/recovery/gates/identity.py",
        line="        if use.identity is None:",
        without="        if use is None:",
        tests=_WORDS,
    ),
    Guard(
        says="a number whose process has ended names nobody",
        file="monitor/domain/recovery/gpu_table.py",
        line="if one.state not in DEAD",
        without="if one.pid",
        tests="tests/domain/recovery/test_recovery_gpu_table.py",
    ),
    Guard(
        says="who is there yet has given no memory back",
        file="monitor/domain/recovery/proof_memory.py",
        line="(new is None or new.start_ticks == old.start_ticks)",
        without="(new is not None and new.start_ticks == old.start_ticks)",
        tests=_MEMORY,
    ),
    Guard(
        says="memory that nobody holds was not freed",
        file="monitor/domain/recovery/proof_memory.py",
        line="    if rest <= before + SLACK_BYTES:",
        without="    if rest >= 0:",
        tests=_MEMORY,
    ),
    Guard(
        says="what was seen before the effect proves nothing",
        file="monitor/domain/recovery/proof_memory.py",
        line="look.at - table.at < look.since_sent",
        without="look.since_sent >= 0",
        tests=_MEMORY,
    ),
    Guard(
        says="only another boot id proves a reboot",
        file="monitor/domain/recovery/proof_reboot.py",
        line="    if last.boot_id == terms.boot_id:",
        without="    if last.boot_id is None:",
        tests=_REBOOT,
    ),
    Guard(
        says="what is no boot id is compared with none",
        file="monitor/domain/recovery/identity.py",
        line="_BOOT_ID.fullmatch(text) is not None and text != _NIL",
        without='text != ""',
        tests=_REBOOT,
    ),
    Guard(
        says="a machine with another host key is not ours",
        file="monitor/domain/recovery/proof_reboot.py",
        line="    if other is not None:",
        without="    if other is not None and not told:",
        tests=_REBOOT,
    ),
    Guard(
        says="a machine that lost a GPU is not back",
        file="monitor/domain/recovery/proof_reboot.py",
        line="    if any(count >= terms.gpus for count in counts):",
        without="    if counts:",
        tests=_REBOOT,
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
