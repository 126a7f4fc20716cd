"""References to variables, in all the notations that stand around an ``acr purge`` line.

``$repository`` and ``${repository}`` (shells, ACR Task aliases), ``${var.days}``
(Terraform), ``${days}`` (Bicep), ``${{ env.DAYS }}`` (GitHub Actions), ``$(days)`` (Azure
Pipelines) and ``{{.Run.Registry}}`` (ACR Tasks). A ``$`` that ends an expression, as in
``^v1$``, is none: no name follows it.
"""

import re
import shlex
from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Final

Values = Mapping[str, str]
"""The values of variables, by the names that ``references`` gives them."""

NO_VALUES: Final[Values] = MappingProxyType({})

_REFERENCE: Final = re.compile(
    r"\$\{\{\s*(?P<workflow>[^{}]*?)\s*\}\}"
    r"|\{\{\s*\.?(?P<task>[^{}]*?)\s*\}\}"
    r"|\$\{(?P<braced>[^{}]*)\}"
    r"|\$\((?P<round>[^()]*)\)"
    r"|`(?P<ticks>[^`]*)`"
    r"|\$(?P<plain>[A-Za-z_]\w*|[0-9@*#])"
)
_DEFAULT: Final = re.compile(r"(?P<name>\w+):?-(?P<default>.*)", re.DOTALL)
_RUN_REGISTRY: Final = frozenset({"Run.Registry", "Run.RegistryName", "Registry", "RegistryName"})


def expanded(text: str, values: Values, unknown: Container[str] = ()) -> str:
    """Replace every reference that has a value, once; the others stay as they are.

    ``${name:-default}`` stands for its default where ``name`` has no value, unless it is
    ``unknown``: then it has one that is not known here.
    """
    return _REFERENCE.sub(lambda match: _value(match, values, unknown), text)


def references(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each reference, and how it is written."""
    for match in _REFERENCE.finditer(text):
        yield _name(match), match[0]


def defaults(text: str) -> Iterator[tuple[str, str]]:
    """Yield the variables that have a default where they are used, and the default."""
    for match in _REFERENCE.finditer(text):
        with_default = _DEFAULT.fullmatch(match["braced"] or "")
        if with_default:
            yield with_default["name"], with_default["default"]


def wanted_value(name: str, reasons: Mapping[str, str]) -> str:
    """Ask for the value of a variable; ``reasons`` say why there is none."""
    why = f" ({reasons[name]})" if name in reasons else ""
    return f"a value; give it with --set {shlex.quote(f'{name}=...')}{why}"


def is_run_registry(text: str) -> bool:
    """Whether ``text`` is only the registry in which an ACR Task runs."""
    match = _REFERENCE.fullmatch(text.removesuffix(".azurecr.io"))
    return match is not None and _name(match) in _RUN_REGISTRY


def _name(match: re.Match[str]) -> str:
    name = next(value for value in match.groupdict().values() if value is not None)
    if match["round"] is not None:
        return name.removeprefix("$")  # PowerShell writes $($name)
    with_default = _DEFAULT.fullmatch(name) if match["braced"] is not None else None
    return with_default["name"] if with_default else name


def _value(match: re.Match[str], values: Values, unknown: Container[str]) -> str:
    name = _name(match)
    with_default = _DEFAULT.fullmatch(match["braced"] or "")
    if name in values and (values[name] or with_default is None or ":-" not in match[0]):
        return values[name]
    if name in unknown:
        return match[0]
    return with_default["default"] if with_default else match[0]
