"""Guards of the hand: what a machine's gate does, and who may reach it."""

from tests.guards.guard import Guard

_RIGHTS = "tests/gate/test_act_rights.py"
_ACCESS = "tests/web/test_plans_access.py"
_PROCESSES = "tests/gate/test_act_processes.py"
_FREE = "tests/gate/test_act_free.py"
_REBOOT = "tests/gate/test_act_reboot.py"

GUARDS = (
    Guard(
        says="the machine refuses a token older than it has seen",
        file="monitor/gate/act_ledger.py",
        line="    if asked.token < book.highest:",
        without="    if asked.token < 0:",
        tests=f"{_RIGHTS}::test_a_lower_token_is_fenced_and_told_the_highest",
    ),
    Guard(
        says="a nonce is spent before the effect",
        file="monitor/gate/act.py",
        line="            self._ledger.begin(asked, boot_id)\n",
        without="",
        tests=f"{_RIGHTS}::test_a_prepared_restart_is_done_once",
    ),
    Guard(
        says="a nonce lasts 30 s",
        file="monitor/gate/act_ledger.py",
        line="        if not 0 <= self._clock() - given.at < NONCE_LASTS:",
        without="        if self._clock() < given.at:",
        tests=f"{_RIGHTS}"
        "::test_a_nonce_lasts_thirty_seconds_of_the_boot_clock",
    ),
    Guard(
        says="what was meant for another boot is refused",
        file="monitor/gate/act_ledger.py",
        line="        if asked.boot_id != boot_id:",
        without="        if asked.boot_id is None:",
        tests=f"{_RIGHTS}::test_a_restart_that_was_not_prepared_does_nothing",
    ),
    Guard(
        says="only the named processes are acted on",
        file="monitor/gate/act.py",
        line="        check_identity(asked.named, processes)\n",
        without="",
        tests=f"{_PROCESSES}"
        "::test_another_process_than_the_planned_one_is_left_alone",
    ),
    Guard(
        says="a number that is used again is another process",
        file="monitor/gate/act_identity.py",
        line='(seen["pid"], seen["start_ticks"], seen["uid"])',
        without='(seen["pid"], named.start_ticks, seen["uid"])',
        tests=f"{_PROCESSES}::test_other_servers_are_not_what_was_planned",
    ),
    Guard(
        says="a process is looked at again before each signal",
        file="monitor/gate/act_signals.py",
        line="            if self.is_still():",
        without="            if not self.ended:",
        tests=f"{_PROCESSES}"
        "::test_one_that_becomes_something_else_meanwhile_gets_no_more",
    ),
    Guard(
        says="a look that hangs does not keep the machine's lock",
        file="monitor/gate/act.py",
        line="            with ended_when_it_hangs():\n"
        "                self._ledger.check(asked, boot_id)\n"
        "                effect",
        without="            with contextlib.nullcontext():\n"
        "                self._ledger.check(asked, boot_id)\n"
        "                effect",
        tests="tests/gate/test_act_patience.py"
        "::test_the_look_is_bounded_and_what_was_begun_is_not",
    ),
    Guard(
        says="one effect a machine at a time, whoever asks",
        file="monitor/gate/act.py",
        line="        with machine_lock(self._owner):\n"
        "            with ended_when_it_hangs():\n"
        "                self._ledger.check(asked, boot_id)\n"
        "                effect",
        without="        with contextlib.nullcontext():\n"
        "            with ended_when_it_hangs():\n"
        "                self._ledger.check(asked, boot_id)\n"
        "                effect",
        tests=f"{_RIGHTS}::test_while_one_acts_another_is_locked_out",
    ),
    Guard(
        says="what may be acted on is root's alone to say",
        file="monitor/gate/act_config.py",
        line="    flaw = distrusted(ACT_FILE, owner)",
        without='    flaw = ""',
        tests="tests/gate/test_act_config.py"
        "::test_a_file_that_others_may_write_is_refused",
    ),
    Guard(
        says="the first process is never signalled",
        file="monitor/gate/act_signals.py",
        line="    if pid <= 1:",
        without="    if pid < -1:",
        tests=f"{_PROCESSES}"
        "::test_the_first_process_the_gate_and_the_kernel_are_never_touched",
    ),
    Guard(
        says="the gate and all above it are never signalled",
        file="monitor/gate/act_signals.py",
        line="    if pid in kin:",
        without="    if kin is None:",
        tests=f"{_PROCESSES}::test_an_ancestor_that_is_named_is_refused",
    ),
    Guard(
        says="what waits in the kernel is not signalled",
        file="monitor/gate/act_signals.py",
        line="            if one.pid in asleep:",
        without="            if one is None:",
        tests=f"{_PROCESSES}"
        "::test_one_that_waits_in_the_kernel_is_told_and_not_signalled",
    ),
    Guard(
        says="memory is freed of exactly the named processes",
        file="monitor/gate/act_free.py",
        line="        if ours is None or not is_named(ours, one):",
        without="        if ours is not None and not is_named(ours, one):",
        tests=f"{_FREE}::test_what_is_not_named_is_no_reason_to_end_the_rest",
    ),
    Guard(
        says="a process that is not FaceFusion's is never ended for memory",
        file="monitor/gate/act_free.py",
        line="    for pid in known:\n",
        without="    for pid in ():\n",
        tests=f"{_FREE}::test_a_stolen_key_ends_nobody_elses_process",
    ),
    Guard(
        says="a key opens the effects of its own role only",
        file="monitor/gate/act_asked.py",
        line="    if do not in EFFECTS[role]:",
        without="    if role not in EFFECTS:",
        tests=f"{_FREE}::test_the_role_reboot_frees_nothing"
        f" {_REBOOT}::test_the_role_act_does_not_reboot",
    ),
    Guard(
        says="no reboot while a package manager works",
        file="monitor/gate/act_reboot.py",
        line="    if packages:\n",
        without="    if packages is None:\n",
        tests=f"{_REBOOT}::test_while_packages_are_installed_it_stays_up",
    ),
    Guard(
        says="no reboot while somebody blocks a shutdown",
        file="monitor/gate/act_reboot.py",
        line="    if inhibitors:\n",
        without="    if inhibitors is None:\n",
        tests=f"{_REBOOT}::test_while_a_shutdown_is_blocked_it_stays_up",
    ),
    Guard(
        says="a nonce opens the effect that it was given for",
        file="monitor/gate/act_ledger.py",
        line="        verb=asked.do,\n    )\n",
        without="        verb=given.verb,\n    )\n",
        tests=f"{_REBOOT}::test_a_nonce_for_a_restart_opens_no_reboot",
    ),
    Guard(
        says="a nonce is spent before a reboot",
        file="monitor/gate/act_reboot.py",
        line="        self._ledger.begin(asked, boot_id)\n",
        without="",
        tests=f"{_REBOOT}::test_a_reboot_that_was_begun_is_not_begun_again",
    ),
    Guard(
        says="a machine that did not go down was not rebooted",
        file="monitor/gate/act_ledger.py",
        line="    if result.boot_id == boot_id:\n",
        without="    if result.boot_id is None:\n",
        tests=f"{_REBOOT}::test_a_machine_that_stays_up_has_failed_in_the_end",
    ),
    Guard(
        says="a machine that was booted since was rebooted",
        file="monitor/gate/act_ledger.py",
        line='    return result.ended("done", _BOOTED)',
        without='    return result.ended("failed", _HALF_WAY)',
        tests=f"{_REBOOT}::test_the_next_boot_says_that_it_was_done",
    ),
    Guard(
        says="a key that observes cannot act",
        file="monitor/gate/main.py",
        line="Actor(role=options.role).run if options.acts else None",
        without='Actor(role="act").run',
        tests="tests/gate/test_guarded_roles.py",
    ),
    Guard(
        says="only a gate that acts is asked to",
        file="monitor/adapters/gate/acting_line.py",
        line="        if role != self._role:",
        without="        if role is self is None:",
        tests="tests/adapters/test_acting.py"
        "::test_a_key_that_does_not_act_is_told_with_what_helps",
    ),
    Guard(
        says="one key is not put there for two roles",
        file="monitor/daemon/installed_acting.py",
        line="        if first := roles.get(key):",
        without='        if first := "":',
        tests="tests/cli/test_host_install.py"
        "::test_one_key_for_two_roles_is_refused",
    ),
    Guard(
        says="sudo gets no file that visudo does not accept",
        file="monitor/adapters/gate/install_script.py",
        line='  visudo -cf "$sudoers" >/dev/null ||',
        without="  true ||",
        tests="tests/gate/test_guarded_sudoers.py",
    ),
    Guard(
        says="to apply a plan takes the scope operate",
        file="monitor/web/routes/plans.py",
        line="by: Annotated[Token, operate],\n        asked: wire.Application",
        without="by: Annotated[Token, Depends(gate.needs(*MAY_READ))],\n"
        "        asked: wire.Application",
        tests=f"{_ACCESS}::test_a_change_needs_its_own_scope",
    ),
    Guard(
        says="to approve takes the scope approve",
        file="monitor/web/routes/plans.py",
        line='Depends(gate.needs("approve"))',
        without='Depends(gate.needs("approve", "operate"))',
        tests=f"{_ACCESS}::test_a_change_needs_its_own_scope",
    ),
    Guard(
        says="a token that nobody holds changes nothing",
        file="monitor/web/principals.py",
        line="    if not token.person:",
        without="    if token is None:",
        tests=f"{_ACCESS}::test_a_token_that_nobody_holds_changes_nothing",
    ),
)
