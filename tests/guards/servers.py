"""Guards against what servers answer, and against what we send."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="an output is fetched from the server's own origin only",
        file="monitor/adapters/canary_files/url.py",
        line="named is None or not _same_origin(named, self._server)",
        without="named is None",
        tests="tests/adapters/test_canary_files_url.py",
    ),
    Guard(
        says="XML that declares entities is refused",
        file="monitor/domain/nvidia_smi/xml.py",
        line='    if "<!ENTITY" in text[:start]:',
        without='    if "<!ENTITY" in "":',
        tests="tests/domain/test_nvidia_smi_xml.py",
    ),
    Guard(
        says="an image with too many pixels is not decoded",
        file="monitor/adapters/images.py",
        line="        if width * height > MOST_PIXELS:",
        without="        if width * height < 0:",
        tests="tests/adapters/test_images.py",
    ),
    Guard(
        says="a compressed body never grows beyond the limit",
        file="monitor/adapters/http/decode.py",
        line="unpacker.decompress(body, limit + 1)",
        without="unpacker.decompress(body)[: limit + 1]",
        tests="tests/adapters/test_http_decode.py",
    ),
    Guard(
        says="an endless body is cut off",
        file="monitor/adapters/http/exchange.py",
        line="            if len(body) > self._limit:",
        without="            if len(body) < 0:",
        tests="tests/adapters/test_http_floods.py",
    ),
    Guard(
        says="a job outside the guide's ranges is never sent",
        file="monitor/adapters/facefusion/rest.py",
        line="        check(job)\n",
        without="",
        tests="tests/adapters/test_rest_jobs.py",
    ),
)
