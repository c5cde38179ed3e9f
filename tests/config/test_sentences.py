"""Sentences for what pydantic says, also for what it never said before."""

from monitor.config.outline import place
from monitor.config.sentences import Complaint, near, sentence


def test_an_error_we_have_no_sentence_for_still_reads_well() -> None:
    complaint = Complaint(
        kind="never_heard_of",
        said="Input should be blue",
        context={},
        place=place(("targets", 0, "url")),
        value="red",
    )

    assert sentence(complaint) == (
        "is not usable (Input should be blue)",
        "write url: http://192.168.1.10:9002, for example",
    )


def test_a_word_is_near_whatever_its_case() -> None:
    words = ["interval", "timeout"]

    assert near("Intervall", words) == "interval"
    assert near("zzz", words) is None
    assert near(None, words) is None
    assert near("interval" * 100, words) is None
