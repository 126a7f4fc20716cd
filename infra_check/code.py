"""What the code says about itself: facts that a deployment has to agree with."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from purge_core.adapters.tables import keys
from purge_core.instants import TICKS_PER_SECOND
from purge_core.service.lines import RUN_BEGAN, RUN_ENDED
from purge_core.settings import DEFAULT_TIME_BUDGET, Settings

ROOT: Final = Path(__file__).parent.parent
_ENOUGH: Final = {"PURGE_REGISTRIES": "contoso", "AzureWebJobsStorage__accountName": "contoso"}


class _Watched(dict[str, str]):
    """An environment that remembers which variables were read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)


@dataclass(frozen=True, slots=True)
class Code:
    """Facts. ``settings`` are read by the app, ``pythons`` are those that CI tests with.

    ``functions`` and ``queues`` are those of the app, ``host`` is host.json, ``service`` is how
    azure.yaml calls the app, and what it says of it. ``time_budget`` is in seconds. ``triggers``
    names the queue that starts a function, ``timers`` the functions that a clock starts.
    ``began`` and ``ended`` are the names of the lines by which runs tell of themselves.
    """

    root: Path
    settings: frozenset[str]
    functions: frozenset[str]
    queues: frozenset[str]
    pythons: frozenset[str]
    host: Mapping[str, Any]
    service: tuple[str, Mapping[str, Any]]
    time_budget: float = DEFAULT_TIME_BUDGET / TICKS_PER_SECOND
    tables: frozenset[str] = frozenset(
        value
        for name, value in vars(keys).items()
        if isinstance(value, str) and name.isupper() and value.startswith("Purge")
    )
    began: str = RUN_BEGAN
    ended: str = RUN_ENDED
    triggers: Mapping[str, str] = field(default_factory=dict)
    timers: frozenset[str] = frozenset()


def read_code(root: Path = ROOT) -> Code:
    """Read the facts of the project in a folder."""
    environ = _Watched(_ENOUGH)
    Settings.of_app(environ)
    tree = ast.parse((root / "function_app.py").read_text(encoding="utf-8"))
    triggers = dict(_queue_triggers(tree))
    workflow = (root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    azure = YAML(typ="safe").load((root / "azure.yaml").read_text(encoding="utf-8"))
    return Code(
        root=root,
        settings=frozenset(environ.asked),
        functions=frozenset(each.name for each in _functions(tree)),
        queues=frozenset(triggers.values()),
        pythons=frozenset(re.findall(r'"(3\.\d+)"', workflow)),
        host=json.loads((root / "host.json").read_text(encoding="utf-8")),
        service=next(iter(azure["services"].items())),
        triggers=triggers,
        timers=frozenset(_timers(tree)),
    )


def _functions(tree: ast.Module) -> Iterator[ast.AsyncFunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.decorator_list:
            yield node


def _queue_triggers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the functions that a queue starts, with the name of the queue."""
    for function in _functions(tree):
        for call in function.decorator_list:
            for keyword in call.keywords if isinstance(call, ast.Call) else ():
                if keyword.arg == "queue_name" and isinstance(keyword.value, ast.Constant):
                    yield function.name, str(keyword.value.value)


def _timers(tree: ast.Module) -> Iterator[str]:
    for function in _functions(tree):
        for call in function.decorator_list:
            name = call.func if isinstance(call, ast.Call) else call
            if isinstance(name, ast.Attribute) and name.attr == "timer_trigger":
                yield function.name
