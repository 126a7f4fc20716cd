"""The lines that a script's commands run: by themselves, or as ``az`` runs them in Azure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.az_command import AzCommand, read_az
from purge_core.policies.importing.findings import (
    NOT_READ,
    Around,
    Findings,
    FoundLine,
    FoundSchedule,
)
from purge_core.policies.importing.purge_words import purge_words, split_command
from purge_core.policies.importing.shell.flow import CONDITION
from purge_core.policies.importing.shell.scope import Scope
from purge_core.policies.importing.variables import expanded, references, wanted_value
from purge_core.wording import shown

EXPECTED: Final = "acr purge --filter ..., by itself or as --cmd of az acr run or task create"


@dataclass(frozen=True, slots=True)
class Lines:
    """Collects them. ``tasks``: the names of the tasks that the script has spoken of."""

    found: Findings
    scope: Scope
    around: Around
    tasks: set[str] = field(default_factory=set)

    def take(self, texts: Sequence[str], place: str, doubt: str | None) -> bool:
        """Take a command, and say whether it is one of those."""
        if (purge := purge_words(texts)) is not None:
            self._add(purge.words, purge.program, place, None, doubt)
        elif (az := read_az(texts)) is not None:
            self._az(az, place, doubt)
        else:
            return False
        return True

    def value_of_all(self, command: str) -> str | None:
        """Say what is wanted of a command that is only a variable."""
        names = [name for name, written in references(command) if written == command]
        return wanted_value(names[0], self.scope.reasons) if names else None

    def _az(self, az: AzCommand, place: str, doubt: str | None) -> None:
        self._require_one_command(az, place)
        self.tasks.add(az.name or "")
        if az.status in {"disabled", "false"}:
            self.found.leave_out(f"{place}: the task")
            return
        if az.status not in {"enabled", "true"}:
            doubt = f"{CONDITION} (status: {shown(az.status)})"
        self.found.schedules.extend(FoundSchedule(text, place) for text in az.schedules)
        if az.command is not None:
            command = expanded(az.command, az.values, self.scope.reasons)
            self._run(command, az.registry, place, doubt)
        elif az.file is not None and az.file not in self.around.files:
            self.found.leave_out(f"{place}: the task's file {shown(az.file)}", NOT_READ)

    def _require_one_command(self, az: AzCommand, place: str) -> None:
        """Refuse a task that two commands are about: which of them holds is not followed."""
        if az.later and self.tasks and (az.name is None or {az.name, ""} & self.tasks):
            wanted = "one command for each task: import what `az acr task show` prints"
            self.found.wrong(place, f"a task that is changed later ({az.name or '-'})", wanted)
        if az.short is not None:
            self.found.wrong(place, shown(az.short), "options of az that are written out")

    def _run(self, command: str, registry: str | None, place: str, doubt: str | None) -> None:
        """Take what ``--cmd`` says."""
        try:
            purge = purge_words(split_command(command))
        except ValueError as error:
            self.found.wrong(f"{place}, --cmd", shown(command), f"closed quotes ({error})")
            return
        if purge is None:
            wanted = self.value_of_all(command) or EXPECTED
            self.found.wrong(f"{place}, --cmd", shown(command), wanted)
        else:
            self._add(purge.words, purge.program, place, registry, doubt)

    def _add(
        self,
        words: tuple[str, ...],
        program: str,
        place: str,
        registry: str | None,
        doubt: str | None,
    ) -> None:
        if program != "acr":
            self.found.note(f"the program {shown(program)} is read as acr")
        where = registry or self.around.registry
        line = FoundLine(words, place, where, dict(self.scope.reasons), doubt)
        self.found.lines.append(line)
