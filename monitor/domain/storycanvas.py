"""StoryCanvas' words for a job's output, put into the guide's.

Its backend names the output after the operation in the legacy API and
`output_url` in v1 (facts/facefusion.md §5.1); a canary reads `output_path`.
"""

import json
from dataclasses import replace
from http import HTTPStatus

from monitor.domain.answer import Answer
from monitor.domain.errors import Unreadable

OUTPUTS = ("output_url", "enhanced_image", "adjusted_image", "swapped_image")


def job_answer(answer: Answer) -> Answer:
    """Return the answer with its output as `output_path`, all else kept.

    An answer that names no output is returned as it is, and so is one that
    says itself that it did not succeed.
    """
    if answer.code != HTTPStatus.OK:
        return answer
    try:
        fields = answer.json()
    except Unreadable:
        return answer
    if not isinstance(fields, dict) or fields.get("success") is False:
        return answer
    output = next((fields[name] for name in OUTPUTS if fields.get(name)), None)
    if output is None:
        return answer
    body = json.dumps({**fields, "output_path": output}).encode()
    return replace(answer, body=body)
