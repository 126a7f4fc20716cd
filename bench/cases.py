"""The registries that purges are compared on, and what is purged of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.acr import Purge, Repository

_ALL: Final = ("--filter", ".*:.*", "--untagged")


@dataclass(frozen=True, slots=True)
class Case:
    """One registry, one purge, and what `acr purge` makes of it by its arithmetic.

    ``warm``: a first night has read the manifests, and the second is measured. What is claimed,
    and an error where it does not hold: so many times its ``deletes``, ``requests`` and
    ``seconds`` at most, and a ``peak`` of so many MiB; ``None``: nothing.
    """

    title: str
    registry: tuple[str, ...]
    flags: tuple[str, ...]
    acr: Purge
    warm: bool = False
    deletes: float | None = None
    requests: float | None = 1.0
    seconds: float | None = None
    peak: int | None = None


ONE: Final = Case(
    "1 repository of 5,000 images, 1 tag each; all go",
    ("--generate", "flat", "--tags", "5000", "--newest", "30d"),
    (*_ALL, "--ago", "7d"),
    Purge(1, Repository(tags=5000, tags_going=5000, manifests=5000, going=5000, read=5000)),
)
MANY_TAGS: Final = Case(
    "200 repositories of 50 images, 3 tags each; 80 % go",
    # Times are spread over the tags, and one in three is used: images are 100 to 150 days old.
    ("--generate", "aliases", "--repositories", "200", "--tags", "30000", "--oldest", "150d"),
    (*_ALL, "--ago", "110d"),
    Purge(200, Repository(tags=150, tags_going=120, manifests=50, going=40, read=40)),
    deletes=0.3,
    seconds=0.6,
)
IDLE: Final = Case(
    "200 repositories of 50 multi-arch images; an idle warm night",
    ("--generate", "indexes", "--repositories", "200", "--tags", "10000", "--newest", "30d"),
    ("--filter", ".*:none", "--ago", "7d", "--untagged"),
    Purge(200, Repository(tags=50, tags_going=0, manifests=150, going=0, read=50)),
    warm=True,
    requests=0.1,
)
MANY: Final = Case(
    "9,400 repositories, 47,000 tags, 47,000 untagged; the untagged go",
    ("--generate", "dangling", "--repositories", "9400", "--tags", "47000", "--newest", "30d"),
    ("--untagged-only", "--ago", "7d"),
    Purge(9400, Repository(tags=5, tags_going=0, manifests=10, going=5, read=5), by_tag=False),
    requests=None,  # each tagged image is read once, in case it refers to one that goes
    peak=256,
)
CASES: Final[Mapping[str, Case]] = {
    "one-repository": ONE,
    "many-tags": MANY_TAGS,
    "idle-night": IDLE,
    "many-repositories": MANY,
}
