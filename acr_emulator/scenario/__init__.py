"""Scenarios: registries written down in YAML."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from acr_emulator.clock import Clock
from acr_emulator.errors import ScenarioError
from acr_emulator.faults import Faults
from acr_emulator.hooks import Hooks
from acr_emulator.options import Options
from acr_emulator.scenario.build import Builder
from acr_emulator.scenario.document import Document
from acr_emulator.scenario.events import add_event, make_fault
from acr_emulator.scenario.words import read_json
from acr_emulator.state import Registry

__all__ = ["Scenario"]


class Scenario:
    """A scenario that was read and checked."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @classmethod
    def of(cls, document: object) -> "Scenario":
        """The scenario in mappings and lists. Raises ScenarioError: every problem, its place."""
        try:
            return cls(Document.model_validate(document))
        except ValidationError as error:
            problems = (
                f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
                for each in error.errors(include_url=False)
            )
            raise ScenarioError(tuple(problems)) from error

    @classmethod
    def parse(cls, text: str) -> "Scenario":
        """The scenario in a YAML text. Every scalar is text first, so `1.10` is a fine tag.

        Raises ScenarioError.
        """
        yaml = YAML(typ="base", pure=True)
        try:
            return cls.of(yaml.load(text))
        except YAMLError as error:
            raise ScenarioError((str(error),)) from error

    @classmethod
    def load(cls, path: Path) -> "Scenario":
        """The scenario in a YAML file. Raises ScenarioError, OSError."""
        return cls.parse(path.read_text(encoding="utf-8"))

    def with_options(self, changes: Mapping[str, str]) -> "Scenario":
        """The same with some options changed, given as text (lists and maps as JSON).

        Raises ScenarioError.
        """
        given = {
            name: read_json(text) if text.startswith(("[", "{")) else text
            for name, text in changes.items()
        }
        options = {**asdict(self._document.options), **given}
        checked = Scenario.of({"options": options})
        return Scenario(self._document.model_copy(update={"options": checked.options}))

    @property
    def options(self) -> Options:
        """How the registry is to behave."""
        return self._document.options

    def new_registry(self) -> Registry:
        """An empty registry with the clock and the semantics of the scenario."""
        document = self._document
        running = document.clock == "running" or document.now is None
        clock = Clock(start=document.now, running=running, speed=document.options.speed)
        return Registry(clock=clock, semantics=document.semantics)

    def registry(self) -> Registry:
        """A new registry with the scenario's repositories. Raises ScenarioError."""
        registry = self.new_registry()
        self.seed(registry, hooks=Hooks(), faults=Faults())
        return registry

    def seed(self, registry: Registry, *, hooks: Hooks, faults: Faults) -> None:
        """Put the repositories, faults and events into a registry, new or in use.

        A `now` of the scenario sets the registry's clock. Raises ScenarioError.
        """
        if self._document.now is not None:
            registry.clock.set(self._document.now)
        now = registry.clock.now
        builder = Builder(registry, now=now)
        builder.build(self._document)
        for fault in self._document.faults:
            faults.add(make_fault(fault))
        for event in self._document.events:
            add_event(hooks, event, builder, now=now)
