"""Its port, and what it answers there."""

import http.server
import json
import os
import random
import shutil
import threading
import time
from pathlib import Path

from .jobs import Jobs
from .knobs import Knobs
from .log import say

VERSION = "3.8.1"
_JOBS = {
    "/api/v1/enhance-face": "source_path",
    "/api/v1/adjust-face": "source_path",
    "/api/v1/swap-face": "target_image_path",
}
_FOREVER = 3600
NO_MEMORY = "CUDA failure 2: out of memory ; GPU=0 ; hostname=gpu1"
"""As ONNX Runtime says it (facts/facefusion.md §3.5)."""


class NoPort(OSError):
    """Every port of the range is taken."""


class Server:
    """Listens on the first free port of GRADIO_SERVER_PORT and up."""

    def __init__(self, jobs: Jobs, knobs: Knobs) -> None:
        self.jobs, self.knobs = jobs, knobs
        self.name = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
        self.app_id = random.getrandbits(63)
        self.is_closed = False
        self._http = self._listen()
        self.port: int = self._http.server_address[1]

    def start(self) -> None:
        thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        thread.start()

    def close(self) -> None:
        """Listen no more. Once: a second time waits for ever."""
        if not self.is_closed:
            self.is_closed = True
            self._http.shutdown()
            self._http.server_close()

    def _listen(self) -> http.server.ThreadingHTTPServer:
        first = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
        count = int(os.environ.get("GRADIO_NUM_PORTS", "100"))
        handler = type("Handler", (_Handler,), {"house": self})
        for port in range(first, first + count):
            try:
                return _Threads((self.name, port), handler)
            except OSError:
                continue
        last = first + count - 1
        msg = f"Cannot find empty port in range: {first}-{last}"
        raise NoPort(msg)


class _Threads(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # A restart may listen at once; a port in use is still refused.
    allow_reuse_address = True
    request_queue_size = 64


class _Handler(http.server.BaseHTTPRequestHandler):
    house: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._delay()
        house = self.house
        answers: dict[str, dict[str, object]] = {
            "/api/v1/status": {"status": "online", "version": VERSION},
            "/gradio_api/app_id": {"app_id": house.app_id},
            "/config": {
                "version": "5.50.0",
                "title": f"FaceFusion {VERSION}",
                "api_prefix": "/gradio_api",
            },
        }
        if self.path in answers:
            self._send(200, answers[self.path])
        else:
            self._send(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        self._delay()
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}")
        key = _JOBS.get(self.path)
        if key is None:
            self._send(404, {"detail": "Not Found"})
        elif not Path(str(body.get(key))).is_file():
            self._send(404, {"detail": f"{key} is not there"})
        elif flaw := self._flaw():
            self._send(500, self._fail(flaw))
        else:
            self._send(200, self._work(Path(body[key])))

    def _flaw(self) -> str:
        knobs = self.house.knobs
        return NO_MEMORY if knobs.lacks_memory() else knobs.text("broken")

    def _fail(self, flaw: str) -> dict[str, object]:
        self.house.jobs.finish(self.house.jobs.start("ui"), "failed")
        say("INFERENCE_MANAGER", flaw)
        return {"detail": flaw}

    def _work(self, image: Path) -> dict[str, object]:
        """Pretend: copy the input, or what a test put there for it."""
        begun = time.monotonic()
        job = self.house.jobs.start("ui")
        time.sleep(self.house.knobs.number("work_seconds", 0.2))
        output = Path("output").resolve()
        output.mkdir(exist_ok=True)
        made = self.house.knobs.output(image)
        shutil.copyfile(made, output / f"{job}{image.suffix}")
        self.house.jobs.finish(job, "completed")
        took = time.monotonic() - begun
        say("TO_IMAGE", f"processing to image succeeded in {took:.2f} seconds")
        return {"output_path": str(output / f"{job}{image.suffix}")}

    def _delay(self) -> None:
        time.sleep(self.house.knobs.number("slow", 0))
        if self.house.knobs.mine("hang"):
            time.sleep(_FOREVER)

    def _send(self, code: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(  # type: ignore[explicit-override]  # Python 3.11
        self,
        format: str,  # noqa: A002 - its name there
        *args: object,
    ) -> None:
        """Say nothing: uvicorn is silent there too."""
