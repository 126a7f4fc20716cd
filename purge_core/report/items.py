"""One view of every tag and manifest of a result: verdict, reasons and outcome together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from purge_core.judgement.decision import Delete, Verdict
from purge_core.model import Manifest, Tag, TagName
from purge_core.plans.steps import TagStep, Target, target_of
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.sizes import own_bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """How the deletion of one item ended."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TagItem:
    """A tag. ``tag`` is ``None`` when only the manifest listing shows it."""

    name: TagName
    tag: Tag | None
    verdict: Verdict
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class ManifestItem:
    """A manifest, as it was listed. ``own_bytes`` counts no other listed manifest's bytes."""

    manifest: Manifest
    verdict: Verdict
    ending: Ending | None
    own_bytes: int


@dataclass(frozen=True, slots=True)
class Endings:
    """The outcomes of one repository, by tag and digest.

    ``otherwise`` is the end of what has no outcome of its own; ``None``: nothing is to
    be deleted in this run at all.
    """

    by_target: Mapping[Target, Ending]
    otherwise: Ending | None

    @classmethod
    def of(cls, run: "RunView", result: RepositoryResult) -> "Endings":
        """Collect them: an outcome of a manifest is that of the tags that go with it."""
        found: dict[Target, Ending] = {}
        for outcome in result.outcomes:
            ending = Ending(outcome.outcome, outcome.detail)
            found[target_of(outcome.step)] = ending
            found.update(dict.fromkeys(_tags_along(outcome), ending))
        return cls(found, run.otherwise(result))

    def to(self, target: Target, verdict: Verdict) -> Ending | None:
        """Give the end of one item; what stays has none."""
        if not isinstance(verdict, Delete):
            return None
        return self.by_target.get(target, self.otherwise)


@dataclass(frozen=True, slots=True)
class RunView:
    """What decides, besides its own steps, how a repository's items ended."""

    mode: Mode
    held: bool
    interrupted: bool

    @classmethod
    def of(cls, run: RunResult, mode: Mode) -> "RunView":
        """Take it from a whole run."""
        return cls(mode, run.held is not None, run.interrupted)

    def otherwise(self, result: RepositoryResult) -> Ending | None:
        """Say why what was to be deleted was not tried."""
        if self.mode is Mode.PLAN:
            return None
        if result.state is State.REFUSED:
            return Ending(Outcome.NOT_REACHED, "the repository is refused")
        if self.held:
            return Ending(Outcome.NOT_REACHED, "the run is held")
        why = "the run was interrupted" if self.interrupted else "the run ended before"
        return Ending(Outcome.NOT_REACHED, why)


def _tags_along(outcome: StepOutcome) -> tuple[TagName, ...]:
    return () if isinstance(outcome.step, TagStep) else outcome.step.tags


def tag_items(run: RunView, result: RepositoryResult) -> Iterator[TagItem]:
    """Give every judged tag, by name."""
    if result.decisions is None:
        return
    tags = {} if result.snapshot is None else {tag.name: tag for tag in result.snapshot.tags}
    endings = Endings.of(run, result)
    for name, verdict in result.decisions.tags.items():
        yield TagItem(name, tags.get(name), verdict, endings.to(name, verdict))


def manifest_items(run: RunView, result: RepositoryResult) -> Iterator[ManifestItem]:
    """Give every judged manifest, by digest."""
    if result.decisions is None or result.snapshot is None:
        return
    manifests = {m.digest: m for m in result.snapshot.manifests or ()}
    endings = Endings.of(run, result)
    for digest, verdict in result.decisions.manifests.items():
        manifest = manifests[digest]
        own = own_bytes(manifest, result.snapshot, manifests)
        yield ManifestItem(manifest, verdict, endings.to(digest, verdict), own)
