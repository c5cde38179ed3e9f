"""Prints a drill: what was tried, and what each rung would do."""

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.print_plan import print_by_hand, print_steps, say
from monitor.cli.words import plain
from monitor.domain.recovery.drill import Would
from monitor.domain.recovery.words import Word
from monitor.schemas.drill import Drill, RehearsedRung

_PASSED = {
    True: "[green]worked[/]",
    False: "[red]failed[/]",
    None: "[yellow]not tried[/]",
}
_COLOURS = {
    Would.RUN: "green",
    Would.WAIT: "yellow",
    Would.REFUSE: "red",
    Would.NOT_APPLICABLE: "default",
}
_WORDS = {
    Would.RUN: "would run",
    Would.WAIT: "would wait",
    Would.REFUSE: "would be REFUSED",
    Would.NOT_APPLICABLE: "not applicable",
}


def print_drill(drill: Drill) -> None:
    """Print all of a drill, and last whether a recover could go."""
    say(f"[bold]drill of {plain(drill.target)}[/]: nothing was done to it")
    say(f"  its diagnosis now: {plain(drill.cause)}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("TRIED", "IT", "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for one in drill.exercises:
        row = (plain(one.what), _PASSED[one.passed], plain(one.because))
        table.add_row(*row)
    console().print(table)
    for rung in drill.rungs:
        _print_rung(rung)
    say(_verdict(drill))


def _print_rung(rung: RehearsedRung) -> None:
    colour, words = _COLOURS[rung.would], _WORDS[rung.would]
    say(
        f"[bold]{rung.action.value}[/]: [{colour}]{words}[/],"
        f" {plain(rung.because)}"
    )
    for gate in rung.gates:
        if gate.word is not Word.ALLOWED:
            name, word = plain(gate.gate), gate.word.value
            say(f"  gate {name}, {word}: {plain(gate.because)}")
    if rung.steps:
        print_steps(rung.steps)
    for note in rung.notes:
        say(f"  {plain(note)}")
    print_by_hand(rung.by_hand)


def _verdict(drill: Drill) -> str:
    if drill.ready:
        return "[green]ready[/]: every rung that applies could go"
    refused = [r.action for r in drill.rungs if r.would is Would.REFUSE]
    failed = [plain(o.what) for o in drill.exercises if o.passed is False]
    return f"[red]not ready[/]: see {', '.join([*refused, *failed])}"
