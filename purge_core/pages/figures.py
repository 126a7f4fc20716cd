"""Large numbers at the top of a page, each with what it is."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number and what it is."""

    value: str | Markup
    label: str
