"""What former starts said before they ended."""

from monitor.domain.diagnosis.memory.last_words import LastWords
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.observation import Observation
from tests.domain.diagnosis.cases import NOW, seen


def told(*events: LogEvent) -> Observation:
    reading = LogReading(source="journal", cursor="1", recent=events)
    return seen("logs", reading=reading)


def line(kind: str, at: float, *, undated: bool = False) -> LogEvent:
    return LogEvent(kind=kind, at=at, evidence=f"{kind}!", undated=undated)


def test_the_newest_line_of_each_kind_is_kept() -> None:
    words = LastWords()
    for ago in (30, 20):
        words = words.learn(told(line("model_files_corrupt", NOW - ago)))
    words = words.learn(told(line("dependency_missing", NOW - 10)))
    words = words.learn(told())

    model = words.of("model_files_corrupt")
    assert model is not None
    assert model.at == NOW - 20
    assert words.of("dependency_missing") is not None
    assert len(words.lines) == 2


def test_other_lines_and_those_of_unknown_age_are_not() -> None:
    words = LastWords().learn(
        told(
            line("cuda_fault", NOW),
            line("dependency_missing", NOW, undated=True),
        )
    )

    assert words.lines == ()
    assert words.of("cuda_fault") is None


def test_other_checks_say_nothing() -> None:
    words = LastWords()

    assert words.learn(seen("status")) is words
