"""Guards of a change: what it is bound to, and how its steps are kept."""

from tests.guards.guard import Guard

_ENGINE = "tests/engine/recovery/test_recovery_"
_JOURNAL = "tests/adapters/store/test_journal_"

GUARDS = (
    Guard(
        says="nobody approves what they asked for",
        file="monitor/engine/recovery/desk_people.py",
        line="    if by.person == record.plan.by.person:",
        without="    if by.name == record.plan.by.name:",
        tests=f"{_ENGINE}desk_people.py"
        "::test_nobody_approves_their_own_plan_under_any_token",
    ),
    Guard(
        says="an approval is of exactly this plan",
        file="monitor/adapters/store/journal_plans.py",
        line="    if plain(approval.digest) != record.plan.digest:",
        without="    if plain(approval.digest) is None:",
        tests=f"{_JOURNAL}plans.py"
        "::test_an_approval_of_something_else_is_refused",
    ),
    Guard(
        says="a plan that does not hold any more is not applied",
        file="monitor/engine/recovery/desk_applying.py",
        line="    because = no_longer_holds(plan, made.aim)",
        without='    because = ""',
        tests=f"{_ENGINE}desk_apply.py"
        "::test_a_machine_that_was_booted_since_ends_the_plan",
    ),
    Guard(
        says="what root sees must be what was planned",
        file="monitor/engine/recovery/runner_sending.py",
        line="    if because := no_longer_holds(plan, aim):",
        without='    if because := "":',
        tests=f"{_ENGINE}runner.py"
        "::test_another_process_than_the_planned_one_is_left_alone",
    ),
    Guard(
        says="a plan has its time",
        file="monitor/engine/recovery/planning.py",
        line="plan.created_at - SET_BACK <= now < plan.expires_at",
        without="plan.created_at - SET_BACK <= now",
        tests=f"{_ENGINE}planning.py"
        "::test_a_plan_lasts_fifteen_minutes_and_not_over_a_clock_set_back",
    ),
    Guard(
        says="a plan becomes one change",
        file="monitor/adapters/store/journal_plans.py",
        line='raise superseded(verb, f"it is change {record.change}", "plan")',
        without="pass",
        tests=f"{_JOURNAL}plans.py::test_a_plan_is_applied_once",
    ),
    Guard(
        says="the intent is on disk before anything is sent",
        file="monitor/engine/recovery/runner_course.py",
        line="        await intend(kit, ledger, lease, found.situation)\n",
        without="",
        tests=f"{_ENGINE}runner.py::test_a_hung_server_is_restarted_once_and_proved",
    ),
    Guard(
        says="limits are counted again as the intent is written",
        file="monitor/adapters/store/journal_intents.py",
        line="    _check_limits(db, change, limits, verb)\n",
        without="",
        tests=f"{_JOURNAL}intents.py",
    ),
    Guard(
        says="a lock that another change has is not given away",
        file="monitor/adapters/store/journal_locks.py",
        line="        _check_lapsed(db, held, now, verb)",
        without="        pass",
        tests=f"{_JOURNAL}locks.py",
    ),
    Guard(
        says="an older token of a lock writes no intent",
        file="monitor/adapters/store/journal_locks.py",
        line=" or not _same(held, lock) or held.token != lock.token:",
        without=" or not _same(held, lock):",
        tests=f"{_JOURNAL}intents.py::test_no_other_lock_will_do",
    ),
    Guard(
        says="an effect is sent within 30 s of its intent, or never",
        file="monitor/engine/recovery/runner_sending.py",
        line="    if not 0 <= age <= SENT_WITHIN:",
        without="    if age < 0:",
        tests=f"{_ENGINE}runner.py::test_an_intent_that_is_too_old_is_not_sent",
    ),
    Guard(
        says="what nobody knows the end of is not sent again",
        file="monitor/engine/recovery/runner_sending.py",
        line='        because = f"what became of it is not known: {error}"',
        without="        return await ready.hand.act(\n"
        "            ready.aim, ready.errand, within=WITHIN\n        )",
        tests=f"{_ENGINE}runner.py"
        "::test_a_cut_line_is_looked_after_and_never_sent_again",
    ),
    Guard(
        says="cancelled is not said once anything may have been sent",
        file="monitor/domain/recovery/change.py",
        line="outcome in ONLY_BEFORE_INTENT and was_sent",
        without="outcome is None",
        tests="tests/domain/recovery/test_recovery_change.py"
        "::test_cancelled_is_never_said_after_the_intent",
    ),
    Guard(
        says="a change has one outcome",
        file="monitor/domain/recovery/change.py",
        line="    if change.is_over:",
        without="    if change is None:",
        tests="tests/domain/recovery/test_recovery_change.py",
    ),
    Guard(
        says="nobody takes over what its owner still keeps",
        file="monitor/adapters/store/journal_intents.py",
        line="    if lock is not None and lock.until > now:",
        without="    if verb is None:",
        tests=f"{_JOURNAL}take_over.py",
    ),
    Guard(
        says="the sweeper ends nothing whose lock still holds",
        file="monitor/engine/recovery/sweep.py",
        line="        elif not self._life.is_gone(change, lock):",
        without="        elif change is None:",
        tests=f"{_ENGINE}sweep.py"
        "::test_what_was_not_sent_is_ended_once_its_lock_ran_out",
    ),
    Guard(
        says="an audit entry that was edited is found",
        file="monitor/domain/recovery/audit.py",
        line="        elif one.hash != expected.hash:",
        without="        elif one.hash is None:",
        tests="tests/domain/recovery/test_recovery_audit.py",
    ),
)
