"""What the gates say to people, from `mode` to `busy`."""

from dataclasses import replace

from monitor.domain.recovery.situation import (
    SecondLook,
    Situation,
    Work,
)
from monitor.domain.recovery.words import Action, Word
from tests.domain.recovery.situations import (
    ROBOT,
    SERVICE,
    UNIT,
    diagnosis,
    policy,
    situation,
)

A, W, R = Word.ALLOWED, Word.WAITING, Word.REFUSED
REBOOT = situation(action=Action.REBOOT)
NO_LOOK = SecondLook(agrees=None, because="the backend is not set")
JOBS = ("job a, 1 of 2 steps done", "2 jobs in its queue")
SAYS: tuple[tuple[str, Word, Situation, str], ...] = (
    (
        "mode",
        A,
        situation(policy=policy(mode="suggest")),
        "recovery.mode of studio is suggest and ann asks for it",
    ),
    (
        "mode",
        A,
        situation(by=ROBOT),
        "recovery.mode of studio is auto and recovery.auto holds restart",
    ),
    (
        "mode",
        W,
        situation(by=ROBOT, policy=policy(mode="suggest")),
        "recovery.mode of studio is suggest: a person must apply it",
    ),
    (
        "mode",
        W,
        situation(by=ROBOT, policy=policy(auto=frozenset())),
        "recovery.auto does not hold restart: a person must apply it",
    ),
    (
        "mode",
        R,
        situation(policy=policy(mode="off")),
        "recovery.mode of studio is off: nothing is done to it from here",
    ),
    ("allowed", A, situation(), "recovery.allow of studio holds restart"),
    (
        "allowed",
        R,
        situation(policy=policy(allow=frozenset({Action.REBOOT}))),
        (
            "recovery.allow of studio does not hold restart: add it there to"
            " permit it"
        ),
    ),
    ("blind", A, situation(), "the monitor sees what it should"),
    (
        "blind",
        R,
        situation(blind="no control address answers"),
        "the monitor cannot trust what it sees: no control address answers",
    ),
    (
        "blind",
        R,
        situation(diagnosis=diagnosis("monitor_blind")),
        "the monitor cannot trust what it sees: it looks monitor_blind",
    ),
    ("maintenance", A, situation(), "no planned work is under way"),
    (
        "maintenance",
        A,
        situation(maintenance="new disks until 18:00"),
        (
            "planned work is under way: new disks until 18:00; make sure that"
            " nobody is in the way"
        ),
    ),
    (
        "maintenance",
        R,
        situation(by=ROBOT, maintenance="new disks until 18:00"),
        "planned work is under way: new disks until 18:00",
    ),
    ("healthy", A, situation(), "studio is sick (hung): it looks hung"),
    (
        "healthy",
        A,
        situation(diagnosis=None),
        (
            "nothing fresh is known of studio, but a look just now says: no"
            " answer within 5 s"
        ),
    ),
    (
        "healthy",
        R,
        situation(diagnosis=diagnosis("none")),
        "studio is well: there is nothing to heal",
    ),
    (
        "healthy",
        R,
        situation(by=ROBOT, diagnosis=diagnosis("no_data")),
        (
            "nothing fresh is known of studio (it looks no_data): look at it"
            " first"
        ),
    ),
    (
        "stopped",
        A,
        situation(),
        "nobody stopped studio on purpose, as far as is known",
    ),
    (
        "stopped",
        R,
        situation(diagnosis=diagnosis("stopped_by_operator")),
        "it looks stopped_by_operator; ask who stopped it and why",
    ),
    (
        "stopped",
        R,
        situation(
            diagnosis=diagnosis("disk_full", also=("stopped_by_operator",))
        ),
        "somebody stopped studio on purpose: ask who and why",
    ),
    (
        "stopped",
        R,
        situation(
            service=replace(
                SERVICE,
                unit=replace(UNIT, active_state="inactive", stop_asked=True),
            )
        ),
        "somebody stopped studio: a stop job ended it; ask who and why",
    ),
    ("starting", A, situation(), "no start is under way"),
    (
        "starting",
        R,
        situation(diagnosis=diagnosis("starting")),
        "it looks starting: wait for its start_grace to end",
    ),
    ("crash_loop", A, situation(), "it does not end after each start"),
    (
        "crash_loop",
        R,
        situation(diagnosis=diagnosis("crash_loop")),
        "it looks crash_loop: another start would end the same",
    ),
    ("diagnosis", A, situation(), "restart is a remedy of hung"),
    (
        "diagnosis",
        A,
        situation(diagnosis=diagnosis("slow")),
        "restart is no known remedy of slow (none); ann decides",
    ),
    (
        "diagnosis",
        A,
        situation(
            action=Action.REBOOT, diagnosis=diagnosis("gpu_memory_leak")
        ),
        (
            "reboot is no known remedy of gpu_memory_leak (restart,"
            " free-gpu-memory); ann decides"
        ),
    ),
    (
        "diagnosis",
        A,
        situation(diagnosis=None),
        "what is wrong is not known; ann decides",
    ),
    (
        "diagnosis",
        R,
        situation(by=ROBOT, diagnosis=None),
        "what is wrong is not known: a person must decide",
    ),
    (
        "diagnosis",
        R,
        situation(by=ROBOT, action=Action.REBOOT),
        "reboot is no known remedy of hung (restart): a person must decide",
    ),
    (
        "diagnosis",
        R,
        situation(diagnosis=diagnosis("disk_full")),
        (
            "disk_full forbids restart: until there is room on the disk it"
            " would not start again, or end at once"
        ),
    ),
    (
        "second_vantage",
        A,
        situation(),
        "a second look agrees: no answer within 5 s",
    ),
    (
        "second_vantage",
        A,
        situation(second=NO_LOOK),
        "no second look was possible: the backend is not set; ann decides",
    ),
    (
        "second_vantage",
        R,
        situation(by=ROBOT, second=NO_LOOK),
        "no second look was possible: the backend is not set",
    ),
    (
        "second_vantage",
        R,
        situation(second=SecondLook(agrees=False, because="200 in 0.1 s")),
        "a second look does not agree: 200 in 0.1 s",
    ),
    (
        "second_vantage",
        W,
        situation(
            second=SecondLook(
                agrees=None, because="not looked at again", is_early=True
            )
        ),
        "it is too early to say: not looked at again",
    ),
    ("busy", A, situation(), "no users' work is seen"),
    (
        "busy",
        A,
        situation(work=Work(jobs=JOBS, moves=False)),
        (
            "it stands still and would be lost: job a, 1 of 2 steps done; 2"
            " jobs in its queue"
        ),
    ),
    (
        "busy",
        W,
        situation(work=Work(jobs=JOBS, moves=True, waited=599.0)),
        (
            "users' work comes first, for 10 min: job a, 1 of 2 steps done; 2"
            " jobs in its queue"
        ),
    ),
    (
        "busy",
        W,
        situation(work=Work(jobs=("1", "2", "3", "4", "5"), moves=None)),
        "users' work comes first, for 10 min: 1; 2; 3; and 2 more",
    ),
    (
        "busy",
        W,
        situation(work=Work(jobs=("1", "2", "3"), moves=None)),
        "users' work comes first, for 10 min: 1; 2; 3",
    ),
    (
        "busy",
        W,
        situation(work=Work(jobs=("1", "2", "3", "4"), moves=None)),
        "users' work comes first, for 10 min: 1; 2; 3; and 1 more",
    ),
    (
        "busy",
        R,
        situation(work=Work(jobs=JOBS, moves=True, waited=600.0)),
        (
            "users' work did not end within 10 min: job a, 1 of 2 steps done;"
            " 2 jobs in its queue"
        ),
    ),
)
"""A gate, its word, the situation, and the sentence."""
