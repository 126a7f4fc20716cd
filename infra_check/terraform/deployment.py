"""Works Terraform out: the resources that an apply with given variables would ask for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra_check.deployed import SUBSCRIPTION, Deployed, Findings, Resource
from infra_check.evaluate import Evaluator
from infra_check.problems import Fault, Problem
from infra_check.syntax import Call, Expression, Name
from infra_check.terraform.files import Block
from infra_check.terraform.functions import TERRAFORM
from infra_check.terraform.references import Reference
from infra_check.values import Scope, Unknown, Value, shown

RESOURCES: Final = ("azapi_resource", "azapi_update_resource")
_NEVER_SENT: Final = {
    "count",
    "for_each",
    "ignore_null_property",
    "name",
    "parent_id",
    "resource_id",
    "response_export_values",
    "type",
}
_SENT: Final = {"body", "location", "tags"}
_CONFIG: Final = {"subscription_id": SUBSCRIPTION.split("/")[-1]}
_TYPES: Final = {"string": str, "bool": bool, "list": list, "map": dict}


@dataclass(frozen=True, slots=True)
class _Namespace:
    """``var``, ``local`` and the like: members that are worked out when they are asked for."""

    look: Callable[[str, int], Value]

    def member(self, name: str, line: int) -> Value:
        """Give a member; see ``Members``."""
        return self.look(name, line)


class Apply:
    """One root module with its variables."""

    def __init__(
        self,
        blocks: Iterable[Block],
        variables: Mapping[str, Value],
        findings: Findings,
        base: Path,
    ) -> None:
        self._base = base
        self._variables = variables
        self._findings = findings
        self._known: dict[str, Value] = {}
        self._blocks: dict[str, Block] = {}
        self._locals: dict[str, tuple[Expression, Block]] = {}
        for block in blocks:
            if block.kind == "locals":
                self._locals |= {name: (node, block) for name, node in block.attributes.items()}
            elif block.kind in ("data", "resource", "variable", "output"):
                self._blocks[f"{block.kind}.{block.name}"] = block
        self._evaluator = Evaluator(self._symbol, TERRAFORM, number_second=False)

    def run(self) -> Deployed:
        """Work everything out."""
        for name in self._variables.keys() - self._names("variable"):
            self._note(next(iter(self._blocks.values())), 0, f"there is no variable {name!r}")
        for name in self._locals:
            self._local(name, 0)
        for key, block in self._blocks.items():
            if block.kind != "output":
                self._block(key, block)
        outputs = {
            name: self._safely(block, lambda each: self._value(each.attributes["value"], {}))
            for name in self._names("output")
            for block in [self._blocks[f"output.{name}"]]
        }
        return Deployed(tuple(self._findings.resources), outputs)

    def _names(self, kind: str) -> set[str]:
        keys = (key.partition(".") for key in self._blocks)
        return {name for found, _, name in keys if found == kind}

    def _note(self, block: Block, line: int, message: str) -> None:
        file = block.file.relative_to(self._base).as_posix()
        self._findings.problems.add(Problem(file, line or block.line, message))

    def _symbol(self, name: str, line: int) -> Value:
        spaces: dict[str, Callable[[str, int], Value]] = {
            "var": lambda each, at: self._of("variable", each, at),
            "local": self._local,
            "data": lambda kind, _: _Namespace(
                lambda each, at: self._of("data", f"{kind}.{each}", at)
            ),
            **{kind: self._resource_space(kind) for kind in RESOURCES},
        }
        if name not in spaces:
            raise Fault(f"there is no {name!r}", line)
        return _Namespace(spaces[name])

    def _resource_space(self, kind: str) -> Callable[[str, int], Value]:
        return lambda each, at: self._of("resource", f"{kind}.{each}", at)

    def _of(self, kind: str, name: str, line: int) -> Value:
        block = self._blocks.get(f"{kind}.{name}")
        if block is None:
            raise Fault(f"there is no {kind} {name!r}", line)
        return self._block(f"{kind}.{name}", block)

    def _block(self, key: str, block: Block) -> Value:
        if key not in self._known:
            self._known[key] = Unknown(key)  # also what a circle finds
            work = self._variable if block.kind == "variable" else self._deployed
            self._known[key] = self._safely(block, work)
        return self._known[key]

    def _safely(self, block: Block, work: Callable[[Block], Value]) -> Value:
        try:
            return work(block)
        except Fault as fault:
            self._note(block, fault.line, fault.message)
            return Unknown(block.name)

    def _local(self, name: str, line: int) -> Value:
        if name not in self._locals:
            raise Fault(f"there is no local {name!r}", line)
        key = f"local.{name}"
        if key not in self._known:
            node, block = self._locals[name]
            self._known[key] = Unknown(key)
            self._known[key] = self._safely(block, lambda _: self._value(node, {}))
        return self._known[key]

    def _value(self, node: Expression, scope: Scope) -> Value:
        return self._evaluator.value(node, scope)

    def _variable(self, block: Block) -> Value:
        given = block.attributes.get("default")
        if block.name not in self._variables and given is None:
            raise Fault(f"the variable {block.name!r} is missing")
        value = self._variables.get(block.name, self._value(given, {}) if given else None)
        self._known[f"variable.{block.name}"] = value  # its validation looks at it
        _require_type(block, value)
        for rule in block.inner("validation"):
            if self._value(rule.attributes["condition"], {}) is not True:
                raise Fault(f"{block.name!r}: {self._value(rule.attributes['error_message'], {})}")
        return value

    def _deployed(self, block: Block) -> Value:
        """Work out a resource, or all that ``for_each`` or ``count`` make of it."""
        if block.labels[0] == "azapi_client_config":
            return _CONFIG
        many, count = block.attributes.get("for_each"), block.attributes.get("count")
        if count is not None:
            number = self._value(count, {})
            return [self._one(block, {}) for _ in range(number if isinstance(number, int) else 0)]
        if many is None:
            return self._one(block, {})
        source = self._value(many, {})
        pairs = source if isinstance(source, Mapping) else None
        if pairs is None and isinstance(source, list):
            pairs = {shown(each): each for each in source}
        if pairs is None:
            raise Fault("for_each needs a map or a set that is known")
        return {
            key: self._one(block, {"each": {"key": key, "value": pairs[key]}})
            for key in sorted(pairs)
        }

    def _one(self, block: Block, scope: Scope) -> Reference:
        values = {n: self._value(e, scope) for n, e in block.attributes.items() if n != "for_each"}
        for name in values.keys() - _NEVER_SENT - _SENT:
            raise Fault(f"{block.labels[0]} has no {name!r}")
        kind, _, api = shown(values.get("type", "")).partition("@")
        where, name = shown(values.get("parent_id", "")), shown(values.get("name", ""))
        if "resource_id" in values:
            where, _, name = shown(values["resource_id"]).rpartition(f"/providers/{kind}/")
        body = _body(values, [self._identity(each, scope) for each in block.inner("identity")])
        if _has_null(body) and values.get("ignore_null_property") is not True:
            self._note(block, 0, "a null would be sent: ignore_null_property is missing")
        resource = Resource(
            type=kind,
            api=api,
            name=name,
            scope=where,
            body={"name": name, **body},
            existing=block.kind == "data",
            file=block.file.relative_to(self._base).as_posix(),
            line=block.line,
        )
        self._findings.resources.append(resource)
        exports = values.get("response_export_values", [])
        return Reference(resource, tuple(map(shown, exports if isinstance(exports, list) else [])))

    def _identity(self, block: Block, scope: Scope) -> Value:
        """Read the block as azapi does: a type, and the ids of identities."""
        ids = self._value(block.attributes["identity_ids"], scope)
        return {
            "type": self._value(block.attributes["type"], scope),
            "userAssignedIdentities": {shown(each): {} for each in ids}
            if isinstance(ids, list)
            else {},
        }


def _body(values: Mapping[str, Value], identities: list[Value]) -> dict[str, Value]:
    body = values.get("body", {})
    sent = {name: values[name] for name in ("location", "tags") if name in values}
    found = {**(body if isinstance(body, Mapping) else {}), **sent}
    return {**found, "identity": identities[0]} if identities else found


def _has_null(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_null, value.values()))
    if isinstance(value, list):
        return any(map(_has_null, value))
    return value is None


def _require_type(block: Block, value: Value) -> None:
    node = block.attributes.get("type")
    name = node.name if isinstance(node, Name) else node.function if isinstance(node, Call) else ""
    wanted = _TYPES.get(name)
    if wanted is None or not isinstance(value, wanted):
        raise Fault(f"{block.name!r} is a {type(value).__name__}, not of type {name or '?'}")
