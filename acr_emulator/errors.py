"""What goes wrong: answers that the registry gives by design, and mistakes in a scenario."""

from collections.abc import Mapping
from typing import Final

_DISALLOWED: Final = (
    "The operation is disallowed on this registry, repository or image. "
    "View troubleshooting steps at https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation"
)


class RegistryAnswer(Exception):
    """An answer of the registry that ends a request: a status and one error entry.

    `detail` None means that the entry has no such key.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        detail: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = dict(headers or {})


def tag_unknown() -> RegistryAnswer:
    """No such tag; also the answer for a tag of a repository that does not exist."""
    return RegistryAnswer(404, "TAG_UNKNOWN", "the specified tag does not exist")


def manifest_unknown(reference: str) -> RegistryAnswer:
    """No such manifest."""
    return RegistryAnswer(404, "MANIFEST_UNKNOWN", f"manifest {reference} is not found")


def name_unknown(repository: str) -> RegistryAnswer:
    """No such repository."""
    return RegistryAnswer(
        404, "NAME_UNKNOWN", "repository name not known to registry", detail={"name": repository}
    )


def blob_unknown(digest: str) -> RegistryAnswer:
    """No such blob, or one whose content is not held."""
    return RegistryAnswer(
        404, "BLOB_UNKNOWN", "blob unknown to registry", detail={"digest": digest}
    )


def disallowed() -> RegistryAnswer:
    """A lock forbids it."""
    return RegistryAnswer(405, "REGISTRY_DISALLOWED_OPERATION", _DISALLOWED, detail={})


def unsupported() -> RegistryAnswer:
    """The address exists, the method does not."""
    return RegistryAnswer(405, "UNSUPPORTED", "The operation is unsupported.")


def invalid(code: str, message: str) -> RegistryAnswer:
    """The request is malformed."""
    return RegistryAnswer(400, code, message)


class ScenarioError(Exception):
    """A scenario that cannot be read; `problems` names every one found, each with its place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
