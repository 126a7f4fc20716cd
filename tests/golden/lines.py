"""Decisions and plans as lines: one for every verdict, with its reasons and their evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from purge_core.durations import format_duration
from purge_core.instants import Instant, Span
from purge_core.judgement.decision import Keep, Verdict
from purge_core.model import TagName
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep
from purge_core.records.results import RepositoryResult, RunResult
from tests.golden.names import is_signature, signature_name


@dataclass(frozen=True, slots=True)
class Golden:
    """A planned run in which every manifest has a readable name."""

    run: RunResult
    names: Mapping[str, str]

    def decisions(self) -> Iterator[str]:
        """Give one line per repository, tag and manifest."""
        for result in self.run.repositories:
            yield f"{result.repository}: {result.state.value}" + _error(result.error)
            if result.decisions is None:
                continue
            tags = ((self._tag(name), v) for name, v in result.decisions.tags.items())
            manifests = ((self._name(d), v) for d, v in result.decisions.manifests.items())
            for named in (tags, manifests):
                for name, verdict in sorted(named, key=lambda pair: pair[0]):
                    yield self._verdict(name, verdict)
            if missing := len(result.decisions.missing):
                yield f"  {missing} missing"

    def plan(self) -> Iterator[str]:
        """Give one line per refusal and per step, stage by stage."""
        for result in self.run.repositories:
            yield f"{result.repository}:"
            for refusal in result.refusals:
                yield f"  refused: {self._coded(refusal)}"
            yield from self._stages(result)
        if self.run.held is not None:
            yield f"held: {self._coded(self.run.held)}"

    def _stages(self, result: RepositoryResult) -> Iterator[str]:
        for number, stage in enumerate(result.plan.stages if result.plan else (), 1):
            for line in sorted(map(self._step, stage)):
                yield f"  {number}. {line}"

    def _step(self, step: Step) -> str:
        unlock = "unlock and " if step.lock.closed else ""
        match step:
            case TagStep():
                return f"{unlock}delete tag {self._tag(step.tag)}{self._after(step)}"
            case ManifestStep():
                tags = f" with {self._value(step.tags)}" if step.tags else ""
                return f"{unlock}delete {self._name(step.digest)}{tags}{self._after(step)}"
            case CascadeStep():
                return f"{self._name(step.digest)} goes along with {self._name(step.root)}"

    def _after(self, step: TagStep | ManifestStep) -> str:
        return f" after {self._value(step.after)}" if step.after else ""

    def _verdict(self, name: str, verdict: Verdict) -> str:
        word = "keep" if isinstance(verdict, Keep) else "delete"
        reasons = " + ".join(map(self._coded, verdict.reasons))
        when = verdict.deletable_from if isinstance(verdict, Keep) else None
        later = "" if when is None else f"; goes in {format_duration(Span(when - self.run.now))}"
        return f"  {word:<6} {name}: {reasons}{later}"

    def _coded(self, value: Any) -> str:  # noqa: ANN401 - any reason or refusal
        """Write a reason: its code and its evidence, times as ages."""
        hints = get_type_hints(type(value))
        evidence = [
            f"{field.name}={self._value(getattr(value, field.name), hints[field.name])}"
            for field in fields(value)
            if field.name != "repository"
        ]
        code: str = value.code
        return code + (f"({', '.join(evidence)})" if evidence else "")

    def _value(self, value: object, hint: object = None) -> str:
        if isinstance(value, tuple):
            return " ".join(sorted(self._value(each) for each in value))
        if isinstance(value, int) and hint is Instant:
            return _ago(self.run.now - value)
        if isinstance(value, int) and hint is Span:
            return format_duration(Span(value))
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return self._name(text) if text.startswith("sha256:") else self._tag(TagName(text))

    def _name(self, digest: str) -> str:
        return self.names.get(digest, "@missing")

    def _tag(self, name: TagName) -> str:
        """Name a signature tag by what it signs."""
        return signature_name(name, self.names) if is_signature(name) else str(name)


def _ago(ticks: int) -> str:
    return format_duration(Span(ticks)) if ticks >= 0 else f"-{format_duration(Span(-ticks))}"


def _error(error: str | None) -> str:
    """Tell that there is an error; its words are not the business of a golden."""
    return "" if error is None else ", with an error"
