"""What the gates say to people, from `cooldown` to `identity`."""

from dataclasses import replace

from monitor.domain.recovery.situation import Peer, Situation
from monitor.domain.recovery.words import Action, Word
from tests.domain.recovery.situations import (
    ANN,
    BOB,
    ROBOT,
    SERVER,
    SERVICE,
    UNIT,
    approved,
    deed,
    policy,
    situation,
)

A, W, R = Word.ALLOWED, Word.WAITING, Word.REFUSED
REBOOT = situation(action=Action.REBOOT)
SAYS: tuple[tuple[str, Word, Situation, str], ...] = (
    (
        "cooldown",
        A,
        situation(),
        "nothing was done to it in the last 10 min",
    ),
    (
        "cooldown",
        R,
        situation(past=(deed(500.0),)),
        (
            "restart was done 7 min ago (change c500), within the cooldown of"
            " 10 min"
        ),
    ),
    (
        "cooldown",
        R,
        situation(past=(deed(-90.0, None),)),
        (
            "restart was done 1 min ahead of our clock, which was set back"
            " (change c-90), within the cooldown of 10 min"
        ),
    ),
    (
        "cooldown",
        R,
        situation(past=(deed(0.0, None),), policy=policy(cooldown=0.0)),
        "restart was done 0 s ago (change c0), within the cooldown of 0 s",
    ),
    (
        "cooldown",
        R,
        situation(past=(deed(float("nan"), None),)),
        (
            "restart was done at a time that is not known (change cnan),"
            " within the cooldown of 10 min"
        ),
    ),
    (
        "cooldown",
        R,
        situation(
            past=(deed(9e9, None),), policy=policy(cooldown=float("inf"))
        ),
        (
            "restart was done 104166 d 16 h ago (change c9e+09), within the"
            " cooldown of a time that is not known"
        ),
    ),
    (
        "budget",
        A,
        situation(past=(deed(2000.0),)),
        "restart was begun 1 of 3 times in the last 1 h 0 min",
    ),
    (
        "budget",
        R,
        situation(past=(deed(3000.0), deed(2000.0), deed(1000.0))),
        (
            "restart was begun 3 of 3 times in the last 1 h 0 min: it does not"
            " help, or something else is wrong"
        ),
    ),
    (
        "breaker",
        A,
        situation(past=(deed(7200.0),)),
        "of the last deeds 1 in a row did not help, and 3 would be too many",
    ),
    (
        "breaker",
        A,
        situation(past=(deed(9e5), deed(8e5), deed(7e5))),
        "the last deed that did not help was 8 d 2 h ago",
    ),
    (
        "breaker",
        R,
        situation(past=(deed(3e4), deed(2e4), deed(1e4))),
        (
            "the last 3 deeds did not help, the newest 2 h 45 min ago: a"
            " person must find out why"
        ),
    ),
    (
        "blast_radius",
        A,
        situation(),
        "0 of 2 servers are being changed",
    ),
    (
        "blast_radius",
        R,
        situation(peers=(Peer(name="annex", serves=True, is_changing=True),)),
        "1 of 2 servers are being changed, and at most 1 may be at once",
    ),
    (
        "blast_radius",
        R,
        situation(
            peers=(
                Peer(name="studio", serves=True),
                Peer(name="annex", serves=None),
            )
        ),
        "studio is the last server that serves",
    ),
    (
        "blast_radius",
        R,
        situation(
            by=ROBOT,
            peers=tuple(Peer(name=one, serves=False) for one in "abcd"),
        ),
        "4 of 5 servers do not serve: suspect the network, or the monitor",
    ),
    (
        "blast_radius",
        A,
        situation(
            peers=tuple(Peer(name=one, serves=False) for one in "abcd"),
        ),
        (
            "4 of 5 servers do not serve; suspect the network, or the monitor,"
            " first"
        ),
    ),
    ("approval", A, situation(), "nobody else has to agree"),
    (
        "approval",
        A,
        replace(REBOOT, approvals=approved(BOB)),
        "1 of 1 other people agreed (bob)",
    ),
    (
        "approval",
        W,
        replace(REBOOT, approvals=approved(ANN)),
        "0 of 1 other people agreed",
    ),
    ("lock", A, situation(), "nobody else acts on the machine"),
    (
        "lock",
        R,
        situation(lock="change c9 of monitor-2"),
        "somebody acts on the machine: change c9 of monitor-2",
    ),
    (
        "hand",
        A,
        situation(),
        "we have a key to its acting gate, which is asked last",
    ),
    (
        "hand",
        R,
        situation(hand="ssh.act_key_file is not set"),
        "nothing can be done there: ssh.act_key_file is not set",
    ),
    (
        "identity",
        A,
        situation(),
        "known: pid 812, started at tick 140000, uid 990",
    ),
    (
        "identity",
        A,
        situation(
            service=replace(
                SERVICE, processes=(SERVER, replace(SERVER, pid=90))
            )
        ),
        (
            "known: pid 812, started at tick 140000, uid 990; pid 90, started"
            " at tick 140000, uid 990"
        ),
    ),
    (
        "identity",
        A,
        situation(service=replace(SERVICE, processes=())),
        "no process of it serves: nothing is ended",
    ),
    (
        "identity",
        R,
        situation(service=None),
        "the processes of studio were not seen",
    ),
    (
        "identity",
        R,
        situation(service=replace(SERVICE, boot_id="")),
        (
            "the boot of the machine of studio is not known: a pid alone names"
            " nobody"
        ),
    ),
    (
        "identity",
        R,
        situation(service=replace(SERVICE, unit=replace(UNIT, exists=False))),
        "systemd knows no facefusion.service there",
    ),
    (
        "identity",
        R,
        situation(
            service=replace(SERVICE, processes=(replace(SERVER, uid=None),))
        ),
        "whose process pid 812 is cannot be seen",
    ),
    (
        "identity",
        R,
        situation(service=replace(SERVICE, unit=None, processes=())),
        "processes of it may run that cannot be seen",
    ),
)
"""A gate, its word, the situation, and the sentence."""
