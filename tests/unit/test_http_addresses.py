"""Where the app says that it answers: a header is shown only where it names a plain host."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from purge_core.http.addresses import links_of, origin_of
from purge_core.http.exchange import Request
from purge_core.pages.links import SOMEWHERE
from purge_core.records.journal import RunId

PLAIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
HOSTILE = (
    "app$(touch x).example",
    'app"; rm -rf ~ #',
    "app`id`",
    "<script>",
    "user:pass@app.example",
    "app.example\\@evil.example",
    "app.example\nX-Injected: 1",
    "[::1",
    "",
    ".",
    "a" * 300,
)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://purge.azurewebsites.net/api/report?code=k", "https://purge.azurewebsites.net"),
        ("https://Purge.Example:8443/api/report", "https://purge.example:8443"),
        ("http://purge.example/api/report", "https://purge.example"),
        ("http://purge.example:80/api/report", "https://purge.example"),
        ("http://localhost:7071/api/report", "http://localhost:7071"),
        ("http://127.0.0.1:7071/api/report", "http://127.0.0.1:7071"),
        ("http://[::1]:7071/api/report", "http://[::1]:7071"),
        ("http://localhost.evil.example/", "https://localhost.evil.example"),
        ("http://127.0.0.1.evil.example/", "https://127.0.0.1.evil.example"),
        ("ftp://purge.example/", SOMEWHERE),
        ("", SOMEWHERE),
    ],
)
def test_origin_is_where_the_caller_asked(url: str, origin: str) -> None:
    """Scheme, host and port; no key is sent in the clear but to the machine itself."""
    assert origin_of(url) == origin


@pytest.mark.parametrize("host", HOSTILE)
def test_what_is_no_host_is_not_shown(host: str) -> None:
    """Whatever a shell or a page would read something into gives the stand-in."""
    assert origin_of(f"https://{host}/api/report") == SOMEWHERE


@given(st.text(max_size=60))
@example("\u0130.example")
@example("app.example\u200b")
def test_only_plain_letters_come_through(host: str) -> None:
    """There is no header that puts anything else onto a page."""
    assert PLAIN.fullmatch(origin_of(f"https://{host}/api/report").lower())


def test_key_is_no_part_of_the_command() -> None:
    """It goes along with links, and stands in no text that somebody copies."""
    url = "https://purge.example/api/report/runs/r1?code=s3cret"
    links = links_of(Request(query={"code": "s3cret"}, url=url))
    assert links.application(RunId("r1")) == "https://purge.example/api/runs/r1/apply"
    assert links.run(RunId("r1")).endswith("?code=s3cret")
