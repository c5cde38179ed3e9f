"""Guards of automation: what alerts and diagnoses may set off."""

from tests.guards.guard import Guard

_ALERTS = "tests/engine/automation/test_automation_alerts.py"
_CAUSES = "tests/engine/automation/test_automation_causes.py"
_RULES = "tests/domain/test_alert_rules.py"
_INBOX = "tests/adapters/test_store_inbox.py"
_WEBHOOK = "tests/web/test_alerts_webhook.py"

GUARDS = (
    Guard(
        says="an alert that comes again waits no second time",
        file="monitor/adapters/store/inbox.py",
        line="    return None if done.rowcount else",
        without="    return None if done else",
        tests=f"{_INBOX}::test_what_came_of_it_waits_no_more",
    ),
    Guard(
        says="an alert that is over sets nothing off",
        file="monitor/adapters/store/inbox.py",
        line="        _settle(db, same & of.outcome.is_(None), early)",
        without="        pass",
        tests=f"{_INBOX}::test_one_that_is_over_waits_no_more",
    ),
    Guard(
        says="more alerts than can be worked off are not taken",
        file="monitor/adapters/store/inbox.py",
        line="    if new and waiting + new > MOST_WAITING:",
        without="    if new and waiting < 0:",
        tests=f"{_INBOX}::test_so_many_wait_and_no_more",
    ),
    Guard(
        says="an alert of long ago sets nothing off",
        file="monitor/domain/alerts/rules.py",
        line="    if not 0 <= now - one.at <= STALE_AFTER:",
        without="    if now < 0:",
        tests=_RULES,
    ),
    Guard(
        says="only a configured target is acted on for an alert",
        file="monitor/domain/alerts/rules.py",
        line="    if alert.target not in targets:",
        without="    if targets is None:",
        tests=_RULES,
    ),
    Guard(
        says="a plan that a dead monitor made is not made again",
        file="monitor/engine/automation/setting_off.py",
        line="        return next(iter([*before, *still]), None)",
        without="        return next(iter([*before[:0], *still[:0]]), None)",
        tests=f"{_ALERTS}"
        "::test_what_a_dead_monitor_had_planned_is_not_planned_again"
        f" {_ALERTS}::test_several_alerts_of_one_server_share_its_open_plan",
    ),
    Guard(
        says="a rule that plans applies nothing",
        file="monitor/engine/automation/setting_off.py",
        line="or waits or not wish.rule.applies:",
        without="or waits:",
        tests=f"{_ALERTS}::test_a_rule_that_plans_leaves_the_rest_to_people",
    ),
    Guard(
        says="automation does not touch a server that is being changed",
        file="monitor/engine/automation/causes.py",
        line="        if held.recalled or self._changing(target):",
        without="        if held.recalled:",
        tests=f"{_CAUSES}::test_a_server_that_is_being_changed_is_left_alone",
    ),
    Guard(
        says="automation does not act on what was believed before a restart",
        file="monitor/engine/automation/causes.py",
        line="        if held.recalled or self._changing(target):",
        without="        if self._changing(target):",
        tests=f"{_CAUSES}"
        "::test_what_was_believed_before_a_restart_waits_for_looks",
    ),
    Guard(
        says="automation tries again only after a while",
        file="monitor/engine/automation/causes.py",
        line="            if now - last.at < again:",
        without="            if now < last.at:",
        tests=f"{_CAUSES}::test_what_is_refused_is_tried_again_after_a_while",
    ),
    Guard(
        says="alerts take a token with their scope",
        file="monitor/web/routes/alerts.py",
        line='Depends(needs("alerts", tokens))',
        without='Depends(needs("operate", tokens))',
        tests=f"{_WEBHOOK}::test_a_token_of_another_scope_is_refused"
        f" {_WEBHOOK}::test_a_notice_is_kept_and_answered",
    ),
)
