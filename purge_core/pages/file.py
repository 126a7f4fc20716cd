"""The whole report as one file: the registries, some runs, and their repositories."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.pages.frame import page
from purge_core.pages.links import FileLinks, anchor
from purge_core.pages.overview import overview_view
from purge_core.pages.repository import RepositoryView, repository_view
from purge_core.pages.run import RunView, run_view
from purge_core.records.journal import RunId
from purge_core.records.overviews import Overview, RepositoryReport, RunReport


@dataclass(frozen=True, slots=True)
class RepositoryPart:
    """A repository, and the name of its place in the file."""

    place: str
    view: RepositoryView


@dataclass(frozen=True, slots=True)
class RunPart:
    """A run with its repositories, and the name of its place in the file."""

    place: str
    view: RunView
    repositories: tuple[RepositoryPart, ...]


def report_file(
    overview: Overview | None,
    runs: Sequence[RunReport],
    repositories: Sequence[RepositoryReport],
) -> str:
    """Give one page that holds all of them and needs nothing else."""
    links = FileLinks(
        frozenset(each.run.id for each in runs),
        frozenset((each.run.id, each.record.repository) for each in repositories),
    )
    return page(
        "file.html",
        forms=False,
        view=None if overview is None else overview_view(overview, links),
        runs=tuple(_run(each, repositories, links) for each in runs),
        alone=tuple(_repositories(None, repositories, links)) if not runs else (),
        now=_now(overview, (*runs, *repositories)),
    )


def _now(overview: Overview | None, rest: Sequence[RunReport | RepositoryReport]) -> Instant | None:
    """Say as of when the file holds."""
    return next((each.now for each in (overview, *rest) if each is not None), None)


def _run(report: RunReport, repositories: Sequence[RepositoryReport], links: FileLinks) -> RunPart:
    parts = _repositories(report.run.id, repositories, links)
    return RunPart(anchor(report.run.id), run_view(report, links), tuple(parts))


def _repositories(
    run: RunId | None, repositories: Sequence[RepositoryReport], links: FileLinks
) -> Iterator[RepositoryPart]:
    """Give the repositories of a run; ``None``: of any."""
    for each in repositories:
        if run in (None, each.run.id):
            place = anchor(each.run.id, each.record.repository)
            yield RepositoryPart(place, repository_view(each, links))
