"""Where the parts of a report lie: pages of the app, or places in one file."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote, urlencode

from purge_core.model import Digest, RepositoryName, TagName
from purge_core.records.journal import RunId

SOMEWHERE = "https://APP.azurewebsites.net"
"""Stands for the app where it is not known under which address it answers."""


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form asks, and what goes along unseen: a key that came in the address."""

    action: str
    hidden: tuple[tuple[str, str], ...] = ()


class Links(Protocol):
    """Gives an address for each part, or ``None`` where there is no such part.

    ``query`` asks for some of it, as the page's form does.
    """

    def overview(self) -> str | None:
        """Where the registries stand."""
        ...

    def run(self, run: RunId, **query: str) -> str | None:
        """Where a run stands."""
        ...

    def repository(self, run: RunId, repository: RepositoryName, **query: str) -> str | None:
        """Where a repository of a run stands."""
        ...

    def image(
        self, registry: str, repository: RepositoryName, subject: TagName | Digest
    ) -> str | None:
        """Where a tag or an image stands."""
        ...

    def form(self, run: RunId) -> Form | None:
        """Where the repositories of a run are asked for."""
        ...

    def application(self, run: RunId) -> str:
        """Where a run's plan is applied; always an address of the app."""
        ...

    def formats(self, address: str | None) -> tuple[tuple[str, str], ...]:
        """Where the same is found for programs: what it is called, and its address."""
        ...


@dataclass(frozen=True, slots=True)
class AppLinks:
    """Pages of the app. ``code`` is a key that came in the address, and so goes along.

    ``origin`` is where the app answers: its scheme and host.
    """

    code: str | None = None
    origin: str = SOMEWHERE

    def overview(self) -> str:
        """Where the registries stand."""
        return self._with("/api/report", {})

    def run(self, run: RunId, **query: str) -> str:
        """Where a run stands."""
        return self._with(_run(run), query)

    def repository(self, run: RunId, repository: RepositoryName, **query: str) -> str:
        """Where a repository of a run stands."""
        return self._with(f"{_run(run)}/repositories/{quote(repository)}", query)

    def image(self, registry: str, repository: RepositoryName, subject: TagName | Digest) -> str:
        """Where a tag or an image stands; a digest has a colon, which no tag may have."""
        kind = "digest" if ":" in subject else "tag"
        query = {"registry": registry, "repository": str(repository), kind: str(subject)}
        return self._with("/api/report/images", query)

    def form(self, run: RunId) -> Form:
        """Where the repositories of a run are asked for."""
        return Form(_run(run), () if self.code is None else (("code", self.code),))

    def application(self, run: RunId) -> str:
        """Where a run's plan is applied."""
        return f"{self.origin}/api/runs/{quote(run, safe='')}/apply"

    def formats(self, address: str | None) -> tuple[tuple[str, str], ...]:
        """Where the same is found for programs."""
        if address is None:
            return ()
        joint = "&" if "?" in address else "?"
        return tuple((name.upper(), f"{address}{joint}format={name}") for name in ("json", "csv"))

    def _with(self, path: str, query: dict[str, str]) -> str:
        given = query if self.code is None else {**query, "code": self.code}
        return f"{path}?{urlencode(given)}" if given else path


def _run(run: RunId) -> str:
    return f"/api/report/runs/{quote(run, safe='')}"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Places in one file: only what the file holds has an address."""

    runs: frozenset[RunId] = frozenset()
    repositories: frozenset[tuple[RunId, RepositoryName]] = frozenset()

    def overview(self) -> str:
        """Where the registries stand."""
        return "#top"

    def run(self, run: RunId, **query: str) -> str | None:
        """Where a run stands; all of it, so that there is nothing to ask for."""
        return f"#{anchor(run)}" if run in self.runs and not query else None

    def repository(self, run: RunId, repository: RepositoryName, **query: str) -> str | None:
        """Where a repository of a run stands."""
        held = (run, repository) in self.repositories and not query
        return f"#{anchor(run, repository)}" if held else None

    def image(self, *_subject: str) -> None:
        """Single images are not told of in a file."""

    def form(self, *_run: RunId) -> None:
        """Nobody answers a form."""

    def application(self, run: RunId) -> str:
        """Where a run's plan is applied."""
        return AppLinks().application(run)

    def formats(self, *_address: str | None) -> tuple[tuple[str, str], ...]:
        """Programs are given another file."""
        return ()


def anchor(*names: str) -> str:
    """Name a place in a file; whatever the names hold, the place has plain letters."""
    return f"at-{sha256(chr(0).join(names).encode()).hexdigest()[:16]}"
