"""Works a Bicep file out: the resources that a deployment with given parameters would ask for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from infra_check.bicep.files import BicepFile, Declaration, Sort, read_bicep
from infra_check.bicep.references import Reference
from infra_check.deployed import SUBSCRIPTION, Deployed, Findings, Resource
from infra_check.evaluate import Evaluator, Function, member
from infra_check.functions import BICEP
from infra_check.problems import Fault, Problem
from infra_check.syntax import Expression, Loop
from infra_check.values import Scope, Unknown, Value, shown

_ENVIRONMENT: Final = {"suffixes": {"storage": "core.windows.net"}}
_ABOUT_DEPLOYMENT: Final = {"scope", "parent", "dependsOn"}
_TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "int": int,
    "bool": bool,
    "array": list,
    "object": dict,
}
IN_SCOPE: Final = ("subscription", "resourceGroup", "subscriptionResourceId", "environment")
"""Functions that depend on where a deployment takes place."""


def deploy(main: Path, parameters: Mapping[str, Value], findings: Findings) -> Deployed:
    """Work out a deployment into the subscription.

    Raises:
        Fault: a file cannot be read at all.

    """
    instance = Instance(read_bicep(main), parameters, SUBSCRIPTION, findings)
    outputs = instance.run()
    return Deployed(tuple(findings.resources), outputs)


class Instance:
    """One file with its parameters, in one scope."""

    def __init__(
        self,
        file: BicepFile,
        parameters: Mapping[str, Value],
        scope: str,
        findings: Findings,
        base: Path | None = None,
    ) -> None:
        self._file = file
        self._base = base or file.path.parent.parent
        self._scope = scope
        self._parameters = parameters
        self._findings = findings
        self._known: dict[str, Value] = {}
        self._declared = {
            each.name: each for each in file.declarations if each.sort is not Sort.OUTPUT
        }
        self._evaluator = Evaluator(self._symbol, {**BICEP, **self._functions()})

    def run(self) -> Mapping[str, Value]:
        """Work everything out; give the outputs."""
        for name in self._parameters.keys() - {p.name for p in self._file.of(Sort.PARAMETER)}:
            self._problem(0, f"there is no parameter {name!r}")
        for name in self._declared:
            self._symbol(name, 0)
        outputs: dict[str, Value] = {}
        for each in self._file.of(Sort.OUTPUT):
            outputs[each.name] = self._safely(each, self._output)
        return outputs

    def _problem(self, line: int, message: str) -> None:
        file = self._file.path.relative_to(self._base).as_posix()
        self._findings.problems.add(Problem(file, line, message))

    def _symbol(self, name: str, line: int) -> Value:
        """Give what a name stands for; what is wrong with it is noted once."""
        if name not in self._declared:
            raise Fault(f"there is no {name!r}", line)
        if name not in self._known:
            self._known[name] = Unknown(name)  # also what a circle finds
            self._known[name] = self._safely(self._declared[name], self._declaration)
        return self._known[name]

    def _safely(self, each: Declaration, work: Callable[[Declaration], Value]) -> Value:
        try:
            return work(each)
        except Fault as fault:
            self._problem(fault.line or each.line, fault.message)
            return Unknown(each.name)

    def _declaration(self, each: Declaration) -> Value:
        match each.sort:
            case Sort.PARAMETER:
                return self._parameter(each)
            case Sort.RESOURCE | Sort.MODULE:
                return self._deployed(each)
            case Sort.VARIABLE | Sort.OUTPUT:
                return self._value(each.value)

    def _output(self, each: Declaration) -> Value:
        value = self._value(each.value)
        _require_type(each, value)
        return value

    def _value(self, node: Expression | None, scope: Scope | None = None) -> Value:
        return None if node is None else self._evaluator.value(node, scope or {})

    def _parameter(self, each: Declaration) -> Value:
        if each.name not in self._parameters and each.value is None:
            raise Fault(f"the parameter {each.name!r} is missing", each.line)
        given = self._parameters.get(each.name)
        value = self._value(each.value) if each.name not in self._parameters else given
        _require_type(each, value)
        for allowed in each.decorators.get("allowed", ()):
            choices = self._value(allowed)
            if isinstance(choices, list) and value not in choices:
                raise Fault(f"the parameter {each.name!r} is {value!r}, which is not allowed")
        return value

    def _deployed(self, each: Declaration) -> Value:
        """Work out a resource or module, or a whole row of them."""
        node = each.value
        if node is None:
            raise Fault("there is nothing in it", each.line)
        wanted = each.condition is None or self._value(each.condition) is True
        if not isinstance(node, Loop):
            return self._one(each, node, {}, wanted=wanted)
        rounds = self._evaluator.rounds(node, {})
        return [self._one(each, node.body, names, wanted=wanted) for names in rounds]

    def _one(self, each: Declaration, node: Expression, scope: Scope, *, wanted: bool) -> Value:
        if each.sort is Sort.MODULE:
            return self._module(each, node, scope) if wanted else Unknown(each.name)
        body = self._value(node, scope)
        if not isinstance(body, dict):
            raise Fault("a resource is an object", each.line)
        kind, _, api = each.type.partition("@")
        where = body.get("parent", body.get("scope"))
        resource = Resource(
            type=kind,
            api=api,
            name=shown(body.get("name", "")),
            scope=self._scope if where is None else shown(member(where, "id", each.line)),
            body={name: body[name] for name in body.keys() - _ABOUT_DEPLOYMENT},
            existing=each.existing,
            file=self._file.path.relative_to(self._base).as_posix(),
            line=each.line,
        )
        if wanted:
            self._findings.resources.append(resource)
        return Reference(resource)

    def _module(self, each: Declaration, node: Expression, scope: Scope) -> Value:
        body = self._value(node, scope)
        path = self._file.path.parent / each.type
        if not isinstance(body, dict) or not path.is_file():
            raise Fault(f"there is no module {each.type}", each.line)
        where = body.get("scope", {"id": self._scope})
        parameters = body.get("params", {})
        if not isinstance(parameters, dict):
            raise Fault("params is an object", each.line)
        inner = Instance(
            read_bicep(path),
            parameters,
            shown(member(where, "id", each.line)),
            self._findings,
            self._base,
        )
        return {"name": body.get("name"), "outputs": inner.run()}

    def _functions(self) -> Mapping[str, Function]:
        subscription = "/".join(self._scope.split("/")[:3])

        def group(*names: str) -> Value:
            """Give the resource group of the deployment, or another one."""
            if not names:
                return {"id": self._scope, "name": self._scope.split("/")[-1]}
            where = f"/subscriptions/{names[0]}" if len(names) > 1 else subscription
            return {"id": f"{where}/resourceGroups/{names[-1]}", "name": names[-1]}

        return {
            "environment": lambda: _ENVIRONMENT,
            "resourceGroup": group,
            "subscription": lambda: {"id": subscription},
            "subscriptionResourceId": lambda kind, name: (
                f"{subscription}/providers/{kind}/{shown(name)}"
            ),
        }


def _require_type(each: Declaration, value: Value) -> None:
    wanted = _TYPES.get(each.type)
    if wanted is None:
        raise Fault(f"there is no type {each.type!r}", each.line)
    wrong = wanted is int and isinstance(value, bool)
    if wrong or not isinstance(value, wanted | Unknown):
        raise Fault(
            f"{each.name!r} is a {type(value).__name__}, not of type {each.type}", each.line
        )
