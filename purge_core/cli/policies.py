"""Policies as a command line names them: a file, a document, or an ``acr purge`` line."""

import sys
from pathlib import Path

from purge_core.cli import console
from purge_core.errors import InputError, Problem
from purge_core.policies.acr_command import is_acr_command
from purge_core.policies.source import PolicySource, load_source
from purge_core.settings import Settings
from purge_core.wording import shown


def find_policy(text: str | None, settings: Settings) -> PolicySource:
    """Read the policy that the option names, or the one of the settings.

    Raises:
        InputError: there is none, or it has problems.

    """
    if text is not None:
        return read_policy(text, "--policy")
    if settings.policy is not None:
        return read_policy(settings.policy, "PURGE_POLICY")
    wanted = "a file, a document or an `acr purge` line, here or in PURGE_POLICY"
    raise InputError([Problem("--policy", "nothing", wanted)])


def read_policy(text: str, path: str) -> PolicySource:
    """Read a policy: a line, a document, or the file that holds one of these.

    Raises:
        InputError: it has problems, or there is no such file.

    """
    return load_source(policy_text(text, path))


def warn_of_notes(source: PolicySource) -> None:
    """Say what a person should know about how an ``acr purge`` line was read."""
    for note in source.command.notes if source.command is not None else ():
        console.warn(note)


def policy_text(text: str, path: str) -> str:
    """Give the text of a policy: ``text`` itself, standard input, or a file's."""
    if is_acr_command(text) or text.lstrip().startswith("{") or "\n" in text:
        return text
    return read_text(text, path)


def read_text(name: str, path: str) -> str:
    """Read a file, or standard input for ``-``.

    Raises:
        InputError: it cannot be read, or is no text.

    """
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text in UTF-8"
        raise InputError([Problem(path, f"{shown(name)} ({why})", "a readable file")]) from None
