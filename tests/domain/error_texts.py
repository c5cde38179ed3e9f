"""The recorded texts with which nvidia-smi fails, as they were printed."""

import csv
from collections.abc import Iterator
from pathlib import Path

from monitor.domain.nvidia_smi import Told, interpret


def recorded(samples: Path) -> Iterator[tuple[str, Told]]:
    """Yield each text, and what it is taken for."""
    with (samples / "nvidia_smi" / "error_texts.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        text = row["text"].replace("\\n", "\n")
        is_error = row["stream"] == "stderr"
        yield (
            text,
            interpret(
                code=int(row["exit_code_seen"] or 255),
                stdout=b"" if is_error else text.encode(),
                stderr=text.encode() if is_error else b"",
            ),
        )
