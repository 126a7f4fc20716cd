"""Checks of what a deployment depends on beside its resources: host.json, azd's parameters."""

import json
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from infra_check.bicep.files import Declaration, Sort, read_bicep
from infra_check.code import Code
from infra_check.problems import Fault, Problem
from infra_check.scenarios import TUNED
from infra_check.syntax import Literal

_HOST: Final = "host.json"
_AZURE: Final = "azure.yaml"
_QUEUES: Final = {
    "batchSize": 1,
    "newBatchThreshold": 0,
    "maxDequeueCount": 5,
    "messageEncoding": "base64",
}
"""One message at a time per worker, for leases and quota; encoded as the app does it."""
_RESERVE: Final = 300
"""Seconds that host.json must leave a function beyond its time budget."""
_PARAMETERS: Final = "infra/main.parameters.json"
_OTHERWISE: Final = {
    "environmentName": "AZURE_ENV_NAME",
    "location": "AZURE_LOCATION",
    "registrySku": "PURGE_SKU",
}
"""Parameters whose variables are not named after them."""
_SECRETS: Final = {"webhookUrl"}
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?:=(\w+))?\}")


def check_host(code: Code) -> Iterator[Problem]:
    """Hold host.json to what the code relies on."""
    wrong = [*_limits(code.host, code.time_budget), *_logging(code.host)]
    yield from (Problem(_HOST, 0, message) for message in wrong)


def _limits(host: Any, time_budget: float) -> Iterator[str]:  # noqa: ANN401 - JSON
    timeout = re.fullmatch(r"(\d+):(\d+):(\d+)", host.get("functionTimeout", ""))
    hours, minutes, seconds = map(int, timeout.groups()) if timeout else (0, 0, 0)
    if hours * 3600 + minutes * 60 + seconds < time_budget + _RESERVE:
        yield "functionTimeout leaves PURGE_TIME_BUDGET no room; a timeout would kill the worker"
    queues = host.get("extensions", {}).get("queues", {})
    for name, wanted in _QUEUES.items():
        if queues.get(name) != wanted:
            yield f"extensions.queues.{name} is {queues.get(name)!r} and must be {wanted!r}"
    if queues.get("visibilityTimeout", "00:00:00") < "00:00:30":
        yield "extensions.queues.visibilityTimeout retries back to back"
    bundle = host.get("extensionBundle", {})
    if bundle.get("version") != "[4.*, 5.0.0)":
        yield "extensionBundle.version is not [4.*, 5.0.0)"


def _logging(host: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    logging = host.get("logging", {})
    sampling = logging.get("applicationInsights", {}).get("samplingSettings", {})
    kept = sampling.get("excludedTypes", "").split(";")
    if sampling.get("isEnabled") and not {"Trace", "Request"} <= set(kept):
        yield "sampling could drop what the alerts count: exclude Trace and Request"
    levels = logging.get("logLevel", {})
    if levels.get("default") != "Information":
        yield "logLevel.default drops the line that the alerts count"
    for name in levels.keys() - {"default"}:
        if not name.startswith("Azure.") and levels[name] not in {"Information", "Debug", "Trace"}:
            yield f"logLevel.{name} could drop the line that the alerts count"


def check_azd(root: Path) -> Iterator[Problem]:
    """Hold azure.yaml to where things are, and `azd down` to end before it deletes registries."""
    document = YAML(typ="safe").load((root / _AZURE).read_text(encoding="utf-8"))
    infra = document.get("infra", {})
    if (infra.get("provider", "bicep"), infra.get("path", "infra")) != ("bicep", "infra"):
        yield Problem(_AZURE, 0, "azd would not deploy infra/main.bicep")
    for name, service in document["services"].items():
        if not (root / service.get("project", "") / _HOST).is_file():
            yield Problem(_AZURE, 0, f"the service {name!r} is no folder with a host.json")
    before = document.get("hooks", {}).get("predown", {})
    for system in ("posix", "windows"):
        hook = before.get(system, {})
        if not hook.get("run", "").endswith("exit 1\n") or hook.get("continueOnError"):
            yield Problem(
                _AZURE, 0, f"nothing stops azd down ({system}): it takes registries along"
            )


def check_parameters(root: Path) -> Iterator[Problem]:
    """Hold what azd fills in to the parameters of main.bicep."""
    try:
        main = read_bicep(root / "infra" / "main.bicep")
    except Fault:
        return  # told already
    given = json.loads((root / _PARAMETERS).read_text(encoding="utf-8"))["parameters"]
    declared = {each.name: each for each in main.of(Sort.PARAMETER)}
    for name in given.keys() - declared.keys():
        yield Problem(_PARAMETERS, 0, f"main.bicep has no parameter {name!r}")
    for name in declared.keys() - given.keys():
        yield Problem(_PARAMETERS, 0, f"the parameter {name!r} cannot be set with azd")
    outputs = {each.name for each in main.of(Sort.OUTPUT)}
    for name, each in given.items():
        yield from _variables(name, each.get("value"), outputs)
        if name in declared:
            yield from _filled_in(declared[name], str(each.get("value")))
    for path in sorted((root / "infra").rglob("*.bicep")):
        yield from _secrets(path, root)
    handed_on = given.get("tuning", {}).get("value", {})
    for name in handed_on.keys() ^ TUNED.keys():
        yield Problem(_PARAMETERS, 0, f"{name!r} is handed on and not tried, or the other way")


def _filled_in(parameter: Declaration, text: str) -> Iterator[Problem]:
    """Hold a parameter to the variable of its own name, and to the default of main.bicep."""
    found = _VARIABLE.fullmatch(text)
    if found is None:
        return  # told already, or a member of an object
    snake = re.sub("([A-Z])", r"_\1", parameter.name).upper()
    if found[1] != _OTHERWISE.get(parameter.name, f"PURGE_{snake}"):
        yield Problem(_PARAMETERS, 0, f"{parameter.name!r} is filled in by {found[1]}")
    default = parameter.value.value if isinstance(parameter.value, Literal) else ""
    wanted = str(default).lower() if isinstance(default, bool) else default
    if (found[2] or "") != wanted:
        yield Problem(_PARAMETERS, 0, f"{parameter.name!r} is {wanted!r} by default in main.bicep")


def _secrets(path: Path, root: Path) -> Iterator[Problem]:
    """Hold parameters that are secrets to being secure: others are kept with the deployment."""
    try:
        declared = read_bicep(path).of(Sort.PARAMETER)
    except Fault:
        return  # told already
    for each in declared:
        if each.name in _SECRETS and "secure" not in each.decorators:
            shown = path.relative_to(root).as_posix()
            yield Problem(shown, each.line, f"{each.name!r} is a secret and not @secure()")


def _variables(name: str, value: object, outputs: Container[str]) -> Iterator[Problem]:
    """Hold a value to be a variable of azd's environment; a member has the name of its variable.

    azd writes outputs into the same environment, from which they would come back as values.
    """
    if isinstance(value, dict):
        for inner, text in value.items():
            yield from _variables(inner, text, outputs)
            if text != f"${{{inner}}}":
                yield Problem(_PARAMETERS, 0, f"{inner!r} is filled in by another variable")
        return
    found = _VARIABLE.fullmatch(str(value))
    if found is None:
        yield Problem(_PARAMETERS, 0, f"{name!r} is no variable of azd's environment")
    elif found[1] in outputs:
        yield Problem(_PARAMETERS, 0, f"{found[1]!r} is an output, which azd would fill in")
