"""The syntax that patterns may use, checked before they are compiled.

The engine (``regex``) knows more than people who write filters expect: ``{e<=1}`` would
match approximately, ``(?R)`` recurses, ``(?r)`` searches backwards. Such a pattern could
delete what nobody meant, so only what means the same in ``acr purge`` is let through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from purge_core.policies.patterns import DEFAULT_TIMEOUT, Anchoring, Pattern, compile_pattern

MAX_SIZE: Final = 20_000
"""Characters of a pattern, also when its counted repetitions are written out: the compiler
writes them out, and ``((a{1000}){1000}){1000}`` would take all memory."""

MAX_DEPTH: Final = 50
"""Groups inside one another; deeper nesting exhausts the compiler's stack."""

_TOKEN: Final = re.compile(
    r"""
    (?P<comment> \(\?\#[^)]*\) )
  | (?P<flags> \(\?[ims]*(?:-[ims]+)?\) )
  | (?P<reference> \(\?P=[A-Za-z_]\w*\) )
  | (?P<open> \( (?: (?![?*])
        | \?P?<[A-Za-z_]\w*> | \?<?[=!] | \?> | \?[ims]*(?:-[ims]+)?: | \?\(\w+\) ) )
  | (?P<close> \) )
  | (?P<charset> \[\^?\]?(?>\[:\^?\w+:\]|\\.|[^\]\\])*\] )
  | (?P<escape> \\[AbBcdDefknpPrstuvwSWxzZ\W\d_] )
  | (?P<repeat> (?:[*+?]|\{\d+(?:,\d*)?\})\?? )
  | (?P<broken> [\[\]{\\] | \((?=[?*]) )
  | (?P<plain> . )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_BROKEN: Final = {
    "[": "a ] for every [",
    "]": r"a [ before every ] (a class cannot be subtracted from; a literal ] is \])",
    "{": r"a number of repetitions such as {2} or {2,5} (a literal { is \{)",
    "(": "(?:...), (?i:...), a lookaround or a named group after (?",
    "\\": "an escape that .NET's and Python's expressions share, such as \\d or \\.",
}


class Kind(Enum):
    """What a part of a pattern is; ``PLAIN`` is a character, also ``:``, ``|``, ``^``."""

    COMMENT = "comment"
    FLAGS = "flags"
    REFERENCE = "reference"
    OPEN = "open"
    CLOSE = "close"
    CHARSET = "charset"
    ESCAPE = "escape"
    REPEAT = "repeat"
    BROKEN = "broken"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Token:
    """One part of a pattern; ``depth`` counts the groups that are open around it."""

    kind: Kind
    text: str
    start: int
    depth: int


def tokens(text: str) -> Iterator[Token]:
    """Split a pattern into its parts. Never fails: what is malformed is ``BROKEN``."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = Kind(match.lastgroup)
        if kind is Kind.CLOSE:
            depth -= 1
        yield Token(kind, match[0], match.start(), depth)
        if kind is Kind.OPEN:
            depth += 1


def outside_groups(text: str, character: str) -> tuple[int, ...]:
    """Positions of a plain ``character`` outside all groups and classes."""
    return tuple(
        token.start
        for token in tokens(text)
        if token.kind is Kind.PLAIN and token.text == character and token.depth <= 0
    )


def checked_pattern(
    text: str,
    anchoring: Anchoring = Anchoring.WHOLE,
    timeout: float = DEFAULT_TIMEOUT,
) -> Pattern:
    """Compile ``text`` if it is a sound pattern; ``timeout`` is in seconds per match.

    Raises:
        ValueError: it is not; the message says what is expected.

    """
    _check(text)
    try:
        return compile_pattern(text, anchoring, timeout)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ValueError(f"a regular expression{_glob(text)} ({error})") from None


def _check(text: str) -> None:
    """Refuse what is too large, not balanced, or outside the shared syntax."""
    if not text:
        raise ValueError("a pattern (.* stands for any name)")
    if len(text) > MAX_SIZE:
        raise ValueError(f"at most {MAX_SIZE} characters")
    depth, before = 0, Kind.PLAIN
    for token in tokens(text):
        depth = token.depth + (token.kind is Kind.OPEN)
        if fault := _fault(token, before, depth):
            raise ValueError(f"{fault}, at position {token.start}")
        before = token.kind
    if depth:
        raise ValueError("a ) for every (")
    if _written_out(text) > MAX_SIZE:
        raise ValueError(f"at most {MAX_SIZE} characters with all repetitions written out")


def _fault(token: Token, before: Kind, depth: int) -> str | None:
    """Say what should stand in the place of ``token``, if it must not stand there."""
    if token.kind is Kind.BROKEN:
        return _BROKEN[token.text]
    if token.kind is Kind.REPEAT and before is Kind.REPEAT:
        return "one quantifier, not two"
    if depth < 0:
        return "a ( before every )"
    return f"at most {MAX_DEPTH} groups inside one another" if depth > MAX_DEPTH else None


def _written_out(text: str) -> int:
    """Count the parts of a balanced pattern with its counted repetitions written out."""
    sizes, last = [0], 1
    for token in tokens(text):
        if token.kind is Kind.OPEN:
            sizes.append(0)
        elif token.kind is Kind.REPEAT:
            times = max(map(int, re.findall(r"\d{1,9}", token.text)), default=1)
            sizes[-1] += last * max(times - 1, 0)
        else:
            last = sizes.pop() if token.kind is Kind.CLOSE else 1
            sizes[-1] += last
    return sizes[0]


def _glob(text: str) -> str:
    """Say how to write it if ``text`` looks like a shell's wildcard."""
    looks_like_one = text.startswith(("*", "?")) or "|*" in text
    return ", not a wildcard: .* stands for any text" if looks_like_one else ""
