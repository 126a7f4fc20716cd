"""Route templates of HTTP triggers, as ASP.NET Core reads them.

Covered: literals, `{name}`, `{name?}` at the end, `{name:constraint}`, and the catch-all `{*name}`,
which also takes slashes and may be empty. Literals ignore case; a trailing slash is ignored; where
several routes fit, the more literal one wins. A `%2F` in the path stays as it is in a value, every
other escape is decoded. Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from devhost.errors import ConfigurationError

_PARAMETER = re.compile(
    r"\{(?P<all>\*{0,2})(?P<name>\w+)(?::(?P<constraint>\w+))?(?P<optional>\?)?\}"
)
_CONSTRAINTS = {
    None: r"[^/]+",
    "int": r"-?\d{1,10}",
    "long": r"-?\d{1,19}",
    "alpha": r"[A-Za-z]+",
    "bool": r"true|false",
    "guid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}
_LITERAL, _CONSTRAINED, _FREE, _CATCH_ALL = range(1, 5)


@dataclass(frozen=True, slots=True)
class Route:
    """A compiled template; routes are tried in ascending order of `precedence`."""

    template: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    precedence: tuple[int, ...]

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the parameters' values when the decoded path fits; an empty one is left out."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        pairs = zip(self.names, found.groups(), strict=True)
        return {name: value for name, value in pairs if value}


def decode_path(raw: str) -> str:
    """Decode a request's raw path, but leave encoded slashes."""
    return unquote(re.sub("%2f", "%252F", raw, flags=re.IGNORECASE))


def compile_route(prefix: str, template: str) -> Route:
    """Compile a template below a route prefix; raises ConfigurationError."""
    full = "/".join(part for part in (prefix.strip("/"), template.strip("/")) if part)
    segments = full.split("/") if full else []
    pattern, names, precedence = "", [], []
    for position, segment in enumerate(segments):
        regex, name, rank = _segment(segment, full)
        greedy = regex.startswith("(?:")
        if greedy and position != len(segments) - 1:
            raise ConfigurationError(f"route {full!r}: {segment} must be the last segment")
        pattern += regex
        names += [name] if name else []
        precedence.append(rank)
    if len(set(names)) != len(names):
        raise ConfigurationError(f"route {full!r} names a parameter twice")
    return Route(
        full, re.compile(pattern + "/?", re.IGNORECASE | re.DOTALL), tuple(names), tuple(precedence)
    )


def _segment(segment: str, route: str) -> tuple[str, str | None, int]:
    """Return a segment's regex (with its slash), its parameter's name and its rank."""
    found = _PARAMETER.fullmatch(segment)
    if found is None:
        if not segment or "{" in segment or "}" in segment:
            raise ConfigurationError(f"route {route!r}: cannot read the segment {segment!r}")
        return "/" + re.escape(segment), None, _LITERAL
    if found["constraint"] not in _CONSTRAINTS:
        raise ConfigurationError(f"route {route!r}: unknown constraint {found['constraint']!r}")
    name = found["name"]
    if found["all"]:
        return "(?:/(.*?))?", name, _CATCH_ALL
    value = f"/({_CONSTRAINTS[found['constraint']]})"
    rank = _CONSTRAINED if found["constraint"] else _FREE
    return (f"(?:{value})?" if found["optional"] else value), name, rank
