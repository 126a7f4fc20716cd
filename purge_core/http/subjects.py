"""The repository, tag or image that a request is about."""

from purge_core.errors import Problem
from purge_core.explaining import Subject
from purge_core.http.exchange import Request
from purge_core.http.queries import DIGEST, REPOSITORY, TAG, Query
from purge_core.model import Digest, RepositoryName, TagName


def asked_subject(query: Query) -> Subject:
    """Read the repository, and the tag or the digest, of a query; notes what is wrong."""
    query.needed("repository", REPOSITORY.what)
    repository = query.fitting("repository", REPOSITORY) or ""
    tag, digest = query.fitting("tag", TAG), query.fitting("digest", DIGEST)
    if (tag is None) == (digest is None):
        found = "neither" if tag is None else "both"
        query.problems.append(Problem("tag", found, "a tag or a digest"))
    return Subject(
        RepositoryName(repository),
        None if tag is None else TagName(tag),
        None if digest is None else Digest(digest),
    )


def named_repository(request: Request) -> RepositoryName:
    """Read the repository of a path, in which the host leaves encoded slashes as they were sent."""
    text = request.path.get("repository", "")
    return RepositoryName(text.replace("%2F", "/").replace("%2f", "/"))
