"""A daemon's REST API with a memory, over httpx or over a real socket."""

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from typing_extensions import override

from tests.fakes.daemon_documents import NOW, Json, host, look, window


class Asked(NamedTuple):
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Said(NamedTuple):
    code: int
    body: bytes
    headers: Mapping[str, str]


class _Quiet(ThreadingHTTPServer):
    @override
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that left before its answer."""


class FakeDaemon:
    """Knows targets, histories, pages and so on; `wants` is its token.

    `instead` answers everything in its place while it is set.
    """

    def __init__(self, *targets: Json) -> None:
        self.targets = {str(t["name"]): t for t in targets}
        self.hosts = {"gpu1": host()}
        self.pages: list[Json] = []
        self.histories: dict[str, list[Json]] = {}
        self.windows: dict[str, Json] = {}
        self.wants = ""
        self.may_change = True
        self.asked: list[Asked] = []
        self.instead: Callable[[Asked], Said] | None = None
        self._answers: dict[str, Said] = {}

    def transport(self) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            said = self.answer(
                request.method,
                request.url.raw_path.decode(),
                dict(request.headers),
                request.content,
            )
            body = httpx.ByteStream(said.body)
            return httpx.Response(
                said.code, stream=body, headers=dict(said.headers)
            )

        return httpx.MockTransport(handle)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Said:
        url = urlsplit(target)
        low = {name.lower(): value for name, value in headers.items()}
        asked = Asked(method, url.path, dict(parse_qsl(url.query)), low, body)
        self.asked.append(asked)
        if self.instead:
            return self.instead(asked)
        if self.wants and low.get("authorization") != f"Bearer {self.wants}":
            return problem(401, "cannot answer without a token")
        if method == "GET":
            return self._get(asked)
        if not self.may_change:
            return problem(403, "cannot answer: token ci lacks the scope")
        return self._change(asked)

    def _get(self, asked: Asked) -> Said:
        match [unquote(part) for part in asked.path.split("/")[3:]]:
            case ["targets", *name]:
                return self._target(name, asked)
            case ["hosts"]:
                told = list(map(_brief, self.hosts.values()))
                return said({"at": NOW, "hosts": told})
            case ["hosts", name] if name in self.hosts:
                return said({"at": NOW, **self.hosts[name]})
            case ["pages" | "maintenance" as what]:
                return self._list(what, asked.query)
            case ["events"]:
                return events()
            case _:
                return problem(404, "cannot find what was asked for")

    def _target(self, parts: list[str], asked: Asked) -> Said:
        match parts:
            case []:
                told = list(map(_brief, self.targets.values()))
                return said({"at": NOW, "targets": told})
            case [name] if name in self.targets:
                return said({"at": NOW, **self.targets[name]})
            case [name, "history"] if name in self.targets:
                limit = int(asked.query.get("limit", "100"))
                return self._history(name, limit)
            case _:
                return problem(
                    404, "cannot find this target: none of that name"
                )

    def _history(self, name: str, limit: int) -> Said:
        lines = self.histories.get(name, [])
        more = lines[limit - 1]["id"] if len(lines) > limit else None
        return said(
            {"at": NOW, "target": name, "entries": lines[:limit]}
            | {"next_before": more}
        )

    def _list(self, what: str, query: Mapping[str, str]) -> Said:
        if what == "pages":
            return self._pages(query)
        windows = list(self.windows.values())
        return said({"at": NOW, "maintenance": windows})

    def _pages(self, query: Mapping[str, str]) -> Said:
        wanted, limit = query.get("target"), int(query.get("limit", "100"))
        if wanted and wanted not in self.targets:
            return problem(404, "cannot find this target: none of that name")
        found = [p for p in self.pages if wanted in {None, p["target"]}]
        more = found[limit - 1]["id"] if len(found) > limit else None
        return said({"at": NOW, "pages": found[:limit], "next_before": more})

    def _change(self, asked: Asked) -> Said:
        key = asked.headers.get("idempotency-key")
        if asked.method == "POST" and key is None:
            return problem(400, "cannot do this without an Idempotency-Key")
        match asked.method, asked.path.split("/")[1:]:
            case "POST", ["api", "v1", "maintenance"]:
                return self._start(json.loads(asked.body))
            case "POST", ["api", "v1", "targets", name, "checks", what, "run"]:
                return said(look(name, what))
            case "POST", ["-", "reload"]:
                return said(
                    {"at": NOW, "targets": 1, "hosts": 0, "checks": 2}
                    | {"added": ["attic"], "changed": [], "removed": []}
                )
            case "DELETE", ["api", "v1", "maintenance", id_] if (
                id_ in self.windows
            ):
                ended = {"active": False, "ended_at": NOW}
                self.windows[id_] |= ended | {"remaining_seconds": 0.0}
                return said(self.windows[id_])
        return problem(404, "cannot end this maintenance: none of that id")

    def _start(self, asked: Json) -> Said:
        made = window(id=f"w{len(self.windows) + 1}")
        ends = asked.pop("ends_at", made["ends_at"])
        left = asked.pop("duration_seconds", 3600.0)
        made |= asked | {"ends_at": ends, "remaining_seconds": left}
        self.windows[str(made["id"])] = made
        return said(made, 201)


def _brief(document: Json) -> Json:
    return {k: v for k, v in document.items() if k != "checks"}


def events() -> Said:
    text = b"retry: 3000\n\n: still here\n\n"
    text += b'id: 7\nevent: skipped\ndata: {"a":\ndata: 1}\n\n'
    return Said(200, text, {"Content-Type": "text/event-stream"})


def said(body: Json, code: int = 200) -> Said:
    return Said(
        code, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )


def problem(code: int, detail: str, *errors: Json) -> Said:
    body = {"title": "No", "status": code, "detail": detail, "errors": errors}
    return Said(
        code,
        json.dumps(body).encode(),
        {"Content-Type": "application/problem+json; charset=utf-8"},
    )


@contextlib.contextmanager
def serving(
    daemon: FakeDaemon, trust: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve it on loopback for as long as the block lasts; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            told = daemon.answer(
                self.command,
                self.path,
                dict(self.headers.items()),
                self.rfile.read(length),
            )
            self.send_response(told.code)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server calls them so

    with _Quiet(("127.0.0.1", 0), Handler) as server:
        if trust:
            server.socket = trust.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            scheme = "https" if trust else "http"
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(10)
