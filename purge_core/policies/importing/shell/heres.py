"""The here-documents of a script that are not followed, where a purge stands in them."""

import re
from collections.abc import Iterator
from typing import Final

from purge_core.policies.importing.findings import mentions_purge
from purge_core.policies.importing.shell.text import HERE, fed_to_a_shell

_WRITING: Final = re.compile(r"[$`]|^\s*\w+\+?=", re.MULTILINE)
_OPENING: Final = re.compile(r"(?<![<(\d])<<-?[ \t]*['\"]?[A-Za-z_]\w*")


def unclear_heres(script: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the kind of each.

    A shell that is fed with one has variables of its own. Of two on one line only the first
    is known to be a text, and one without its end goes on to the end of the script.
    """
    for match in HERE.finditer(script):
        line = _line(script, match.start())
        if fed_to_a_shell(match) and mentions_purge(match["body"]):
            if _WRITING.search(match["body"]):
                yield line, "a here-document with variables, for another shell"
        elif "<<" in match["head"][2:] and mentions_purge(script[match.end() :]):
            yield line, "two here-documents on one line"
    rest = HERE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), script)
    for match in _OPENING.finditer(rest):
        if mentions_purge(rest[match.end() :]):
            yield _line(script, match.start()), "a here-document without its end"


def _line(script: str, position: int) -> int:
    return script.count("\n", 0, position) + 1
