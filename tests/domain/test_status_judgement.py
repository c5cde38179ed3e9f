"""What an answer of the status endpoint means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Answer, Phases
from monitor.domain.health import Health
from monitor.domain.status import Verdict, judge_answer

PHASES = Phases(resolve=0, connect=0.1, tls=0, processing=0.2, transfer=0)


def verdict(
    body: bytes | object = b'{"status": "online"}',
    *,
    code: int = 200,
    kind: str = "application/json",
    location: str = "",
) -> Verdict:
    whole = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(
        code=code,
        content_type=kind,
        body=whole,
        duration=0.25,
        phases=PHASES,
        location=location,
    )
    return judge_answer("rest", answer)


@given(
    code=st.integers(0, 999),
    kind=st.one_of(
        st.text(),
        st.sampled_from(["application/json", "text/html", "text/plain"]),
    ),
    body=st.one_of(
        st.binary(),
        st.text().map(lambda text: text.encode(errors="surrogatepass")),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(
                        ["status", "error", "message", "version", "queue"]
                    ),
                    inner,
                )
            ),
        ).map(lambda parsed: json.dumps(parsed).encode()),
    ),
    location=st.text(),
)
def test_any_answer_gets_a_verdict(
    code: int, kind: str, body: bytes, location: str
) -> None:
    given = verdict(body, code=code, kind=kind, location=location)

    assert given.health in {Health.HEALTHY, Health.UNHEALTHY}
    assert (given.health is Health.HEALTHY) == (not given.reason)
    assert code == 200 or given.reason
    assert given.because.isprintable()
    assert len(given.because) < 500
    assert given.reading.code == code
    assert len(given.reading.version) <= 64
    assert given.reading.version.isprintable()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"status": "online"}', "application/json"),
        (b'{"status": "degraded"}', "application/json"),
        (b'{"is_online": true, "error": null}', "application/json"),
        (b'{"success": true, "error": ""}', "application/json"),
        (b'{"error": "None"}', "application/json"),
        (b'{"error": false, "errors": 3}', "application/json"),
        (b'{"status": 1, "state": null, "health": []}', "application/json"),
        (b"\xef\xbb\xbf{}", "application/json; charset=utf-8"),
        (b'["error", "down"]', "application/json"),
        (b'"fine"', "application/json"),
        (b"null", "application/json"),
        (b"", "application/json"),
        (b" \r\n", "application/json"),
        (b"", "text/html"),
        (b"", ""),
        (b"OK", "text/plain"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (b"{broken", "text/plain"),
        (b'{"status": "ok"}', "text/html; charset=utf-8"),
        (b"500ms uptime", "text/plain"),
        (b"<status>ok</status>", "application/xml"),
    ],
)
def test_a_200_with_a_body_that_does_not_complain_is_healthy(
    body: bytes, kind: str
) -> None:
    given = verdict(body, kind=kind)

    assert given.health is Health.HEALTHY
    assert given.reason == ""
    assert given.because == "answered 200 in 0.250 s"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"<html><title>502 Bad Gateway</title>", "", "502 Bad Gateway"),
        (b"<!DOCTYPE html><h1>Oops</h1>", "application/json", "Oops"),
        (b"\xef\xbb\xbf \r\n\t<HTML>", "text/plain", "a web page"),
        (b" " * 9000 + b"<html>", "", "a web page"),
        (b"<!-- a comment --><p>x", "", "a web page"),
        (b'<?xml version="1.0"?>\n<html>', "", "a web page"),
        (b"<center><h1> </h1>", "", "a web page"),
        (b"down for a while", "text/html", "a web page"),
        (b"\xff\xff", "TEXT/HTML;charset=x", "a web page"),
        (b"x", "application/xhtml+xml", "a web page"),
        (b"502 Bad Gateway", "text/plain", "502 Bad Gateway"),
        (b"Bad Gateway\n", "", "Bad Gateway"),
        (b"error code: 522", "text/plain", "error code: 522"),
        (b"HTTP/1.1 503 Busy", "", "HTTP/1.1 503 Busy"),
        (b"404 page not found\n", "text/plain", "404 page not found"),
        (b"no healthy upstream", "text/plain", "no healthy upstream"),
        (
            b"upstream connect error or disconnect/reset before headers.",
            "text/plain",
            "upstream connect error or disconnect/reset before headers.",
        ),
        (b'"502 Bad Gateway"', "application/json", "502 Bad Gateway"),
        (b'"<html>x"', "application/json", "a web page"),
    ],
)
def test_an_error_page_served_as_200_is_a_failure(
    body: bytes, kind: str, said: str
) -> None:
    given = verdict(body, kind=kind)

    assert given.health is Health.UNHEALTHY
    assert given.reason == "error_page"
    assert given.because == (
        f'answered 200 with an error page ("{said}"): '
        "a proxy may be answering for a server that does not"
    )


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b'{"a": "\xff"}', "application/json", "UTF-8: byte 7 is wrong"),
        (b'{"a": ', "application/json", "JSON: Expecting value"),
        (b"online", "application/json", "JSON: Expecting value"),
        (b"{}{}", "text/json", "JSON: Extra data"),
        (b"[" * 100_000, "application/problem+json", "nested too deep"),
        (b"9" * 10_000, "application/json", "a number too long"),
    ],
)
def test_broken_json_that_calls_itself_json_is_a_failure(
    body: bytes, kind: str, why: str
) -> None:
    given = verdict(body, kind=kind)

    assert given.health is Health.UNHEALTHY
    assert given.reason == "bad_body"
    assert given.because.startswith("answered 200, but we cannot read the ")
    assert why in given.because


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "error"}, 'status says "error"'),
        ({"status": " Offline\n"}, 'status says "Offline"'),
        ({"state": "FAILED"}, 'state says "FAILED"'),
        ({"health": "unhealthy"}, 'health says "unhealthy"'),
        ({"status": "down", "x": 1}, 'status says "down"'),
        ({"is_online": False}, "is_online is false"),
        ({"online": False, "error": "gone"}, 'online is false ("gone")'),
        ({"success": False, "message": "m"}, 'success is false ("m")'),
        ({"error": "no GPU"}, 'error is set ("no GPU")'),
        ({"error": {"message": "no GPU"}}, 'error is set ("no GPU")'),
        ({"error": {"code": 5}}, "error is set"),
        ({"error": 7, "detail": "why"}, 'error is set ("why")'),
        ({"error": True, "message": " "}, "error is set"),
        ({"status": "error", "message": 5}, 'status says "error"'),
        ({"error": "password=hunter2"}, 'error is set ("password=***")'),
    ],
)
def test_a_body_that_says_it_is_in_trouble_is_believed(
    fields: object, words: str
) -> None:
    given = verdict(fields)

    assert given.health is Health.UNHEALTHY
    assert given.reason == "reports_trouble"
    assert given.because == f"answered 200, but {words}"


def test_trouble_is_quoted_shortly() -> None:
    given = verdict({"error": "x" * 10_000})

    assert len(given.because) < 200


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_that_names_where_to(code: int) -> None:
    where = "https://ann:pw@sso.example/login?next=secret"

    given = verdict(b"", code=code, location=where)

    assert given.health is Health.UNHEALTHY
    assert given.reason == "redirect"
    assert given.because == (
        f"answered {code}, a redirect to https://***@sso.example/login?***: "
        "set the target's url to where the API is"
    )


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (100, "only 200 means that the server is up"),
        (201, "only 200 means that the server is up"),
        (204, "only 200 means that the server is up"),
        (302, "only 200 means that the server is up"),
        (401, "something before the API asks for credentials"),
        (403, "something before the API asks for credentials"),
        (404, "the server may speak another dialect than rest"),
        (405, "the server may speak another dialect than rest"),
        (418, "only 200 means that the server is up"),
        (429, "the server, or a proxy, wants fewer requests"),
        (500, "the server cannot tell its own status; see its log"),
        (502, "a proxy answers for a server that does not"),
        (503, "the server cannot tell its own status; see its log"),
        (504, "a proxy answers for a server that does not"),
        (600, "only 200 means that the server is up"),
    ],
)
def test_every_other_code_is_a_failure_with_a_hint(
    code: int, hint: str
) -> None:
    given = verdict(b"", code=code)

    assert given.health is Health.UNHEALTHY
    assert given.reason == "status_code"
    assert given.because == f"answered {code}: {hint}"


def test_what_a_failing_server_says_is_quoted() -> None:
    given = verdict({"detail": "model is loading"}, code=503)

    assert given.because.startswith('answered 503 ("model is loading"): ')


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"online": true}', ""),
        (b'{"is_online": true}', ""),
        (b'{"is_online": false}', "reports_trouble"),
        (b'{"online": false, "error": "refused"}', "reports_trouble"),
        (b'{"status": "healthy"}', "bad_body"),
        (b"", "bad_body"),
    ],
)
def test_storycanvas_is_up_only_when_its_body_says_so(
    body: bytes, reason: str
) -> None:
    said = Answer(
        code=200, content_type="application/json", body=body, duration=0.25
    )

    assert judge_answer("storycanvas", said).reason == reason
