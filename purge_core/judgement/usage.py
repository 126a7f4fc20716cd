"""What is in use of a repository: what is named, and every index that lists it.

An image in use stays whole: its manifest, all its tags, what it lists, and the indexes that it
is part of. Lists of running containers often name only the digest that a platform was given,
where a deployment names the tag or the index.
"""

from collections.abc import Mapping

from purge_core.judgement.references import References
from purge_core.model import Digest, RepositorySnapshot


def images_in_use(snapshot: RepositorySnapshot, references: References) -> Mapping[Digest, str]:
    """Find every manifest that is in use, and the reference that says so."""
    used = snapshot.in_use
    if not used:
        return {}
    named = {Digest(name): by for name, by in used.items() if ":" in name}
    for tag in snapshot.tags:
        if tag.name in used and tag.digest is not None:
            by = used[tag.name]
            named[tag.digest] = min(by, named.get(tag.digest, by))
    found = dict(named)
    for digest in sorted(named, key=lambda digest: (named[digest], digest)):
        work = [digest]
        while work:
            for index in references.parents.get(work.pop(), ()):
                if index not in found:
                    found[index] = named[digest]
                    work.append(index)
    return found
