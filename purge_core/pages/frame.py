"""The frame of every page: templates that escape everything, one style, and the headers.

A page has no script, loads nothing, and its one stylesheet is permitted by its hash: what
a hostile name could add to it would not be applied.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from purge_core.pages import words
from purge_core.report.text import count, printable

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def environment() -> Environment:
    """Read the templates' settings: everything is escaped, and nothing undefined is shown."""
    found = Environment(
        loader=PackageLoader("purge_core.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for word in (words.named, words.whole, words.digest, words.amount, words.number, words.day):
        found.filters[word.__name__] = word
    for word in (words.short_day, words.weekday, words.clock, words.when):
        found.filters[word.__name__] = word
    found.filters |= {"counted": count, "plain": printable}
    return found


@cache
def stylesheet() -> str:
    """Give the style of all pages, as it stands in each of them."""
    loader = environment().loader
    assert loader is not None  # noqa: S101 - for the types: it was given just above
    text, _, _ = loader.get_source(environment(), "style.css")
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


@cache
def policy(*, forms: bool) -> str:
    """Give what a page permits the browser: its own style, and with ``forms`` to ask the app."""
    digest = b64encode(sha256(stylesheet().encode()).digest()).decode()
    asks = "'self'" if forms else "'none'"
    style = f"style-src 'sha256-{digest}'"
    return f"default-src 'none'; {style}; base-uri 'none'; form-action {asks}"


def headers() -> Mapping[str, str]:
    """Give the headers that go with a page of the app."""
    return {
        "Content-Security-Policy": f"{policy(forms=True)}; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def page(template: str, *, forms: bool = True, **values: object) -> str:
    """Give a whole page."""
    given = {**values, "style": Markup(stylesheet()), "policy": policy(forms=forms)}  # noqa: S704 - our own file
    return environment().get_template(template).render(given)
