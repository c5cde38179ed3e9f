"""What the gates say to people of the rungs above a restart."""

from dataclasses import replace

from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Outcome, Word
from tests.domain.recovery.situations import (
    CARD,
    MACHINE,
    OURS,
    SERVER,
    SERVICE,
    TABLE,
    approved,
    deed,
    diagnosis,
    glass,
    policy,
    rebooting,
    situation,
)

A, W, R = Word.ALLOWED, Word.WAITING, Word.REFUSED
FREE, RECOVER = Action.FREE_GPU_MEMORY, Action.RECOVER
SAYS: tuple[tuple[str, Word, Situation, str], ...] = (
    (
        "allowed",
        A,
        situation(
            action=RECOVER,
            policy=policy(allow=frozenset({Action.REBOOT, Action.RESTART})),
        ),
        (
            "recovery.allow of studio holds restart, reboot; each rung is"
            " weighed by it"
        ),
    ),
    (
        "allowed",
        R,
        situation(action=RECOVER, policy=policy(allow=frozenset({RECOVER}))),
        (
            "recovery.allow of studio holds no rung of recover (restart,"
            " free-gpu-memory, reboot): add what may be done"
        ),
    ),
    (
        "cooldown",
        A,
        situation(
            action=FREE,
            parent="r1",
            past=(deed(90.0, done=True, parent="r1"),),
        ),
        "nothing was done to it in the last 10 min",
    ),
    ("ladder", A, situation(), "no other rung has to come before it"),
    (
        "ladder",
        A,
        rebooting(),
        (
            "restart did not help (change c7000); free-gpu-memory did not"
            " help (change c5000)"
        ),
    ),
    (
        "ladder",
        A,
        rebooting(diagnosis=diagnosis("gpu_lost"), past=()),
        (
            "restart does not apply: gpu_lost forbids it: a new process would"
            " not get the GPU, and run on the CPU or not; free-gpu-memory"
            " does not apply: gpu_lost forbids it: that memory came back"
            " could not be seen, and a new process would not get the GPU, and"
            " run on the CPU or not"
        ),
    ),
    (
        "ladder",
        R,
        rebooting(past=(deed(7000.0, Outcome.REFUSED),)),
        (
            "restart comes first: it was not done in this incident without"
            " helping, and it applies"
        ),
    ),
    ("machine", A, situation(), "the machine stays up"),
    (
        "machine",
        A,
        rebooting(),
        (
            "gpu1 may go down: no package manager is at work, nobody blocks"
            " it, and who is on it is known"
        ),
    ),
    (
        "machine",
        R,
        rebooting(machine=None),
        "what else runs on gpu1 was not seen",
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, is_ours=True)),
        "this monitor runs on gpu1: it would not see it come back",
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, packages=None)),
        "whether packages are being installed on gpu1 is not known",
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, packages=("apt-get (pid 7)",))),
        (
            "packages are being installed on gpu1 (apt-get (pid 7)): cut off"
            " it may not boot again"
        ),
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, inhibitors=None)),
        (
            "whether a shutdown of gpu1 is blocked is not known; an older gate"
            " does not tell: facefusion-monitor host install gpu1"
        ),
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, inhibitors=("fwupd (Update)",))),
        "a shutdown of gpu1 is blocked by fwupd (Update)",
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, people=None)),
        "who is logged in on gpu1 is not known",
    ),
    (
        "machine",
        R,
        rebooting(machine=replace(MACHINE, starts_at_boot=False)),
        ("studio would not start when gpu1 boots: enable its service first"),
    ),
    (
        "approval",
        A,
        situation(action=RECOVER),
        "each rung asks for those that it needs",
    ),
    (
        "approval",
        W,
        situation(
            action=RECOVER,
            break_glass=glass("healthy"),
            approvals=approved(),
        ),
        "0 of 1 other people agreed",
    ),
    (
        "hand",
        A,
        rebooting(),
        "we have a key to its gate for reboots, which is asked last",
    ),
    (
        "hand",
        A,
        situation(action=RECOVER),
        (
            "we have a key to its acting gate, which is asked last; a reboot"
            " would ask its own"
        ),
    ),
    (
        "identity",
        A,
        situation(action=FREE, gpu=TABLE),
        "known: pid 812, started at tick 140000, uid 990",
    ),
    (
        "identity",
        A,
        situation(
            action=FREE, gpu=TABLE, service=replace(SERVICE, processes=())
        ),
        "known: pid 812, started at tick 140000, uid 990",
    ),
    (
        "identity",
        R,
        situation(
            action=FREE, gpu=TABLE, service=replace(SERVICE, strays=None)
        ),
        (
            "FaceFusion processes outside of its unit may run that cannot be"
            " seen"
        ),
    ),
    (
        "identity",
        R,
        situation(action=FREE),
        "who holds memory on its GPUs was not seen",
    ),
    (
        "identity",
        R,
        situation(action=FREE, gpu=replace(TABLE, cards=(), uses=())),
        "who holds memory on its GPUs was not seen",
    ),
    (
        "identity",
        R,
        situation(action=FREE, gpu=replace(TABLE, cards=(CARD,), uses=())),
        "no process of it is seen to hold GPU memory",
    ),
    (
        "identity",
        R,
        situation(
            action=FREE,
            gpu=replace(
                TABLE, uses=(OURS, replace(OURS, pid=90, identity=None))
            ),
        ),
        (
            "whose process pid 90 (python3) is, which holds GPU memory, cannot"
            " be seen"
        ),
    ),
    (
        "identity",
        R,
        rebooting(service=replace(SERVICE, boot_id="b1", processes=(SERVER,))),
        (
            "the boot id of the machine of studio is none: a reboot could not"
            " be proved by it"
        ),
    ),
)
"""A gate, its word, the situation, and the sentence."""
