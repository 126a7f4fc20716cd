"""Readable names for the manifests of a registry, so that a golden can be read."""

from collections.abc import Iterator, Mapping

from acr_emulator import Registry
from acr_emulator.repository import Manifest, Repository


def manifest_names(registry: Registry) -> dict[str, str]:
    """Name every manifest: by tag, by what lists it or what it belongs to, or by number.

    ``@v1``, its child ``@v1/linux/arm64``, its referrer ``@v1^1``, untagged ``@1``, and
    ``@[v1.sig]`` for what a signature tag names.
    """
    names: dict[str, str] = {}
    for place in registry.repositories.values():
        own = dict(_tagged(place))
        own |= dict(_numbered(place, own))
        while len(own) < len(place.manifests):
            own |= dict(_related(place, own)) | dict(_signatures(place, own))
        names |= own
    return names


def _tagged(place: Repository) -> Iterator[tuple[str, str]]:
    for digest, manifest in place.manifests.items():
        if manifest.tags and not is_signature(min(manifest.tags)):
            yield digest, f"@{min(manifest.tags)}"


def is_signature(tag: str) -> bool:
    """Say whether a tag is one of cosign's."""
    return tag.startswith("sha256-")


def signature_name(tag: str, names: Mapping[str, str]) -> str:
    """Name a signature tag by the image that it signs, or by the start of a missing one."""
    head, _, kind = tag.rpartition(".")
    signed = names.get(head.replace("-", ":", 1), f"missing-{head[7:11]}")
    return f"{signed.removeprefix('@')}.{kind}"


def _signatures(place: Repository, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name what only signature tags name, once the signed image has its name."""
    for digest, manifest in place.manifests.items():
        tag = min(manifest.tags, default="")
        signed = tag.rpartition(".")[0].replace("-", ":", 1)
        if is_signature(tag) and (signed in known or signed not in place.manifests):
            yield digest, f"@[{signature_name(tag, known)}]"


def _numbered(place: Repository, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Number what has no tag and belongs to nothing here, in the order of the pushes."""
    listed = {c.digest for m in place.manifests.values() for c in m.facts.children}
    number = 0
    for digest, manifest in place.manifests.items():
        roots = manifest.subject not in place.manifests and digest not in listed
        if roots and digest not in known and not manifest.tags:
            number += 1
            yield digest, f"@{number}"


def _related(place: Repository, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name what is listed by, or belongs to, something that has a name."""
    taken = dict(known)
    for digest, manifest in place.manifests.items():
        if digest in known:
            yield from _children(place, manifest, taken)
        elif manifest.subject in taken:
            used = sum(name.startswith(f"{taken[manifest.subject]}^") for name in taken.values())
            taken[digest] = f"{taken[manifest.subject]}^{used + 1}"
            yield digest, taken[digest]


def _children(
    place: Repository, index: Manifest, taken: dict[str, str]
) -> Iterator[tuple[str, str]]:
    for number, child in enumerate(index.facts.children, 1):
        if child.digest in place.manifests and child.digest not in taken:
            end = str(child.platform) if child.platform is not None else str(number)
            taken[child.digest] = f"{taken[index.digest]}/{end}"
            yield child.digest, taken[child.digest]
