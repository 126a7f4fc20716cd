"""The exit codes, and how every expected error ends the program: in words, never a trace."""

from enum import IntEnum

from purge_core.errors import AccessDenied, InputError, PlanRefused, PurgeError


class Exit(IntEnum):
    """What the program answers to whoever started it."""

    DONE = 0
    """Done; what changed, was locked or had gone meanwhile included."""
    FATAL = 1
    """It could not do its work at all."""
    BAD_INPUT = 2
    TROUBLE = 3
    """Something was denied, failed, refused, held, or not reached."""
    DIFFERENT = 4
    """`policy diff` only: the policies do not do the same."""
    INTERRUPTED = 130


def exit_of_error(error: PurgeError) -> Exit:
    """Give the code for an error that ended a command."""
    if isinstance(error, InputError):
        return Exit.BAD_INPUT
    if isinstance(error, PlanRefused | AccessDenied):
        return Exit.TROUBLE
    return Exit.FATAL


def lines_of_error(error: PurgeError) -> list[str]:
    """Say what went wrong: one line per problem."""
    if isinstance(error, InputError):
        return [str(problem) for problem in error.problems]
    return [str(error) or type(error).__name__]
