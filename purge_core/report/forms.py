"""What a report may come as."""

from enum import Enum


class Format(Enum):
    """What a report may come as."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """Its name in headers."""
        return f"{'application' if self is Format.JSON else 'text'}/{self.value}"
