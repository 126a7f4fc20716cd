"""What is wrong, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file; ``line`` counts from 1, 0 is the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Show it as compilers do."""
        return f"{self.file}:{self.line}: {self.message}"


class Fault(Exception):
    """Something that cannot be read or worked out. ``line`` counts from 1; 0: not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
