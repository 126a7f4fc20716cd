"""References to variables, in all the notations that stand around an ``acr purge`` line.

``$repository`` and ``${repository}`` (shells, ACR Task aliases), ``${var.days}``
(Terraform), ``${days}`` (Bicep), ``${{ env.DAYS }}`` (GitHub Actions), ``$(days)`` (Azure
Pipelines) and ``{{.Run.Registry}}`` (ACR Tasks). A ``$`` that ends an expression, as in
``^v1$``, is none: no name follows it.
"""

import re
from collections.abc import Iterator, Mapping
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


def expanded(text: str, values: Values) -> str:
    """Replace every reference that has a value, once; the others stay as they are.

    ``${name:-default}`` stands for its default where ``name`` has no value.
    """
    return _REFERENCE.sub(lambda match: _value(match, values), text)


def references(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each reference, and how it is written."""
    for match in _REFERENCE.finditer(text):
        yield _name(match), match[0]


def is_run_registry(text: str) -> bool:
    """Whether ``text`` is only the registry in which an ACR Task runs."""
    match = _REFERENCE.fullmatch(text.removesuffix(".azurecr.io"))
    return match is not None and _name(match) in _RUN_REGISTRY


def _name(match: re.Match[str]) -> str:
    name = next(value for value in match.groupdict().values() if value is not None)
    with_default = _DEFAULT.fullmatch(name) if match["braced"] is not None else None
    return with_default["name"] if with_default else name


def _value(match: re.Match[str], values: Values) -> str:
    name = _name(match)
    if name in values:
        return values[name]
    with_default = _DEFAULT.fullmatch(match["braced"] or "")
    return with_default["default"] if with_default else match[0]
