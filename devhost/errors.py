"""What can go wrong before or around an invocation, as types that a caller can tell apart."""

from collections.abc import Sequence


class HostError(Exception):
    """Base of everything that this package raises on purpose."""


class ConfigurationError(HostError):
    """host.json, local.settings.json or a connection setting cannot be used."""


class IndexingError(HostError):
    """The app has no usable set of functions; `problems` holds every reason that was found."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class OutputError(HostError):
    """A value that a function handed to an output binding cannot be delivered."""


class ProcessFailed(HostError):
    """A subprocess ended, or stayed silent, before it was ready; `log` is the end of its log."""

    def __init__(self, what: str, *, exit_code: int | None, log: str) -> None:
        ending = "still running" if exit_code is None else f"exit code {exit_code}"
        super().__init__(f"{what} did not start ({ending}):\n{log}")
        self.exit_code = exit_code
        self.log = log
