"""What could not be shown, and why: for somebody in a browser."""

from collections.abc import Iterable

from purge_core.errors import Problem
from purge_core.pages.frame import page
from purge_core.pages.links import Links


def problem_page(title: str, detail: str, problems: Iterable[Problem], links: Links) -> str:
    """Give the page of an error; every problem of what was asked, or else the ``detail``."""
    return page(
        "problem.html",
        title=title,
        detail=detail,
        problems=tuple(problems),
        overview=links.overview(),
    )
