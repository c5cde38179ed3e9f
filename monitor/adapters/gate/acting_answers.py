"""What an acting gate says, read or refused as a whole.

An answer about an effect is not guessed at: one field that is not as the
protocol has it, and nobody knows what was done.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar, get_args

from monitor.adapters.gate import flaws
from monitor.domain.errors import Unreadable
from monitor.domain.machine.answered import Answered
from monitor.domain.quote import quote
from monitor.domain.recovery.plan import Aim
from monitor.domain.service.asked import Asked
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import Manager, ServiceReading
from monitor.domain.wire import Part
from monitor.ports import HandAnswer

Body = Mapping[str, object]
T = TypeVar("T")

_MANAGERS: Mapping[str, Manager] = {one: one for one in get_args(Manager)}
_DONE = ("running", "done", "failed")
_STEPS = 64
_WORDS = 240
"""Characters of a step, and of a reason."""
_NONCE = 256


def prepared_answer(body: Body, aim: Aim, where: str) -> HandAnswer:
    """Return what `prepare` was answered. Raises `CannotReach`."""

    def read() -> HandAnswer:
        answer = Part(body, "")
        answer.part("service")
        return HandAnswer(
            nonce=_some(answer, "nonce", _NONCE),
            boot_id=_some(answer, "boot_id"),
            service=_service(body, aim),
            highest=answer.whole("highest"),
            body=_without_nonce(body),
        )

    return _read(read, where)


def looked_answer(body: Body, asked: Asked, where: str) -> ServiceReading:
    """Return a look as root. Raises `CannotReach` for half of one."""

    def read() -> ServiceReading:
        told = Answered(body)
        if told.part("service") is None or not told.boot_id:
            raise Unreadable("cannot read the look: it has no service")
        return read_service(told, asked)

    return _read(read, where)


def done_answer(body: Body, where: str) -> HandAnswer:
    """Return what an effect was answered with. Raises `CannotReach`."""

    def read() -> HandAnswer:
        answer = Part(body, "")
        return HandAnswer(
            state=_one_of(answer, "state", _DONE),
            because=_because(answer),
            steps=_steps(answer),
            boot_id=answer.maybe_text("boot_id") or "",
            highest=answer.whole("highest"),
            body=body,
        )

    return _read(read, where)


def became_answer(body: Body, aim: Aim, where: str) -> HandAnswer:
    """Return what became of a change. Raises `CannotReach`."""

    def read() -> HandAnswer:
        answer = Part(body, "")
        has_service = answer.maybe_part("service") is not None
        return HandAnswer(
            state=_one_of(answer, "state", ("none", *_DONE)),
            because=_because(answer),
            steps=_steps(answer),
            boot_id=_some(answer, "boot_id"),
            service=_service(body, aim) if has_service else None,
            highest=answer.whole("highest"),
            body=body,
        )

    return _read(read, where)


def _read(read: Callable[[], T], where: str) -> T:
    try:
        return read()
    except Unreadable as error:
        raise flaws.malformed(where, str(error)) from error


def _service(body: Body, aim: Aim) -> ServiceReading:
    """Return what root sees of the service, read as observing reads it."""
    asked = Asked(
        target=aim.target,
        manager=_manager(aim.manager),
        unit=aim.unit,
        directory=aim.directory,
        port=aim.port,
        is_loopback=False,
        start_grace=0.0,
    )
    about = {key: body.get(key) for key in ("at", "boot_id", "gaps")}
    told = Answered({**about, "parts": {"service": body.get("service")}})
    return read_service(told, asked)


def _manager(name: str) -> Manager:
    if name not in _MANAGERS:
        raise Unreadable(f"cannot read a service of manager {quote(name)}")
    return _MANAGERS[name]


def _one_of(answer: Part, key: str, words: tuple[str, ...]) -> str:
    word = answer.text(key, cut=True)
    if word not in words:
        raise Unreadable(
            f"cannot read {key}: it is {quote(word)}, not {' or '.join(words)}"
        )
    return word


def _some(answer: Part, key: str, limit: int = 64) -> str:
    text = answer.text(key, limit=limit)
    if not text:
        raise Unreadable(f"cannot read {key}: it is empty")
    return text


def _because(answer: Part) -> str:
    return quote(answer.maybe_text("because", cut=True) or "", _WORDS)


def _steps(answer: Part) -> tuple[str, ...]:
    steps = answer.maybe_texts("steps", most=_STEPS, cut=True)
    return tuple(quote(step, _WORDS) for step in steps or ())


def _without_nonce(body: Body) -> Body:
    """Leave out what opens the effect: the body may be kept or shown."""
    return {key: value for key, value in body.items() if key != "nonce"}
