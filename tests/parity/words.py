"""Words that the tests of the model share."""

from collections.abc import Mapping

from purge_core.instants import Span
from purge_core.model import Digest, Unread
from tests.builders import NOW, Made, image, repository
from tests.parity.acr_purge_model import Flags, Purged, acr_purge

ALL = Flags(filters=("shop:.*",), ago="0d")
DANGLING = Flags(untagged_only=True, ago="1d")
BOTH = Flags(filters=("shop:.*",), ago="1d", untagged=True)


def numbered(*ages: Span) -> list[Made]:
    """Make images v0, v1, ... of the given ages, one tag each."""
    return [image(f"i{n}", tags=[f"v{n}"], age=age) for n, age in enumerate(ages)]


def run(flags: Flags, *made: Made, unread: Mapping[Digest, Unread] | None = None) -> Purged:
    """Run the model on a repository called shop."""
    return acr_purge(repository("shop", *made, unread=unread), flags, NOW)


def digests(*made: Made) -> frozenset[Digest]:
    """Return the digests."""
    return frozenset(m.digest for m in made)


def tags_of(purged: Purged) -> list[str]:
    """Return the names of the deleted tags, in order."""
    return sorted(purged.tags)
