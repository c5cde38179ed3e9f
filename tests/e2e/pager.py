"""Who is paged: hears what Alertmanager sends, and when."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from typing_extensions import override


@dataclass(frozen=True, kw_only=True)
class Told:
    """One alert of a notice; `at` is in seconds of `time.monotonic`."""

    at: float
    labels: Mapping[str, str]
    began: str
    is_over: bool

    @property
    def which(self) -> str:
        """Return what tells it from others, also of the same labels."""
        return f"{sorted(self.labels.items())} {self.began}"


@dataclass
class Pager:
    """What was told, oldest first."""

    url: str = ""
    told: list[Told] = field(default_factory=list)

    def hears(self, notice: Mapping[str, Any]) -> None:
        """Note every alert of a notice."""
        now = time.monotonic()
        self.told.extend(
            Told(
                at=now,
                labels=one["labels"],
                began=one["startsAt"],
                is_over=one["status"] == "resolved",
            )
            for one in notice["alerts"]
        )


@contextmanager
def listening() -> Iterator[Pager]:
    """Listen on loopback for as long as the block lasts."""
    pager = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            pager.hears(json.loads(self.rfile.read(size)))
            self.send_response(200)
            self.end_headers()

        @override
        def log_message(self, *_: object, **__: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pager.url = f"http://127.0.0.1:{server.server_port}/"
    thread = Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield pager
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
