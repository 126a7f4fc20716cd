"""A repository as a busy team leaves it: builds, pull requests, releases, and leftovers."""

from random import Random
from typing import TYPE_CHECKING, Final

from acr_emulator.attributes import attributes
from acr_emulator.generate.pusher import BASES, PLATFORMS, Pusher
from acr_emulator.media import Platform
from acr_emulator.repository import Manifest, Repository
from acr_emulator.times import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

_DELETE_LOCK: Final = attributes(delete=False)
_WRITE_LOCK: Final = attributes(write=False)


class Team:
    """Fills one repository; its family, platforms and base image are drawn once, from `random`."""

    def __init__(self, pusher: Pusher, place: Repository, random: Random) -> None:
        self._pusher = pusher
        self._place = place
        self._random = random
        self._docker = self._chance(0.3)
        self._multi_arch = self._chance(0.4)
        self._base = int(random.random() * BASES)
        self._number = 0
        self._last_children: tuple[Manifest, ...] = ()
        self._habits: tuple[tuple[float, Callable[[int], None]], ...] = (
            (0.45, self._build),
            (0.70, self._pull_request),
            (0.80, self._release),
            (0.87, self._nightly),
            (0.93, self._edge),
            (0.96, self._promotion),
            (0.98, self._leftover_children),
            (1.00, self._orphan),
        )

    def work(self, at: int) -> None:
        """Push something at an instant (ticks)."""
        self._number += 1
        drawn = self._random.random()
        next(act for bound, act in self._habits if drawn < bound)(at)

    def _build(self, at: int) -> None:
        image = self._image(at)
        self._pusher.tag(f"ci-{self._number}", image, at)
        if self._chance(0.3):
            self._pusher.tag(f"sha-{self._random.getrandbits(28):07x}", image, at)

    def _pull_request(self, at: int) -> None:
        self._pusher.tag(f"pr-{self._number // 5}-{self._number % 5}", self._image(at), at)

    def _release(self, at: int) -> None:
        image = self._image(at)
        major, minor = divmod(self._number // 10, 10)
        version = f"v{major}.{minor}.{self._number % 10}"
        self._pusher.tag(version, image, at)
        self._pusher.tag(f"v{major}.{minor}", image, at)
        self._pusher.tag("latest", image, at)
        self._sign(image, at + TICKS_PER_SECOND)
        self._lock(image, version)

    def _nightly(self, at: int) -> None:
        self._pusher.tag(f"nightly-{self._number}", self._image(at), at)

    def _edge(self, at: int) -> None:
        """The image that the tag pointed at before is left without one."""
        self._pusher.tag("edge", self._image(at), at)

    def _promotion(self, at: int) -> None:
        """A second index of the same children, or one nested in the other."""
        children = self._last_children
        if not children:
            self._nightly(at)
            return
        index = self._pusher.index(at, children[:2], docker=self._docker)
        if self._chance(0.3):
            index = self._pusher.index(at, (index, self._single(at)))
        self._pusher.tag(f"promoted-{self._number}", index, at)

    def _leftover_children(self, at: int) -> None:
        """What stays when an index was deleted."""
        self._platforms(at)

    def _orphan(self, at: int) -> None:
        """A referrer whose subject is gone."""
        self._pusher.attached(at, "sbom", subject=None)

    def _sign(self, image: Manifest, at: int) -> None:
        if self._chance(0.35):
            self._pusher.cosigned(at, "sig", image=image)
        elif self._chance(0.5):
            signature = self._pusher.attached(at, "sig", subject=image)
            if self._chance(0.15):
                self._pusher.attached(at, "sig", subject=signature)
        if self._chance(0.4):
            self._pusher.attached(at, "sbom", subject=image)

    def _lock(self, image: Manifest, tag: str) -> None:
        if self._chance(0.05):
            image.attributes = _DELETE_LOCK
        elif self._chance(0.05) and tag in self._place.tags:
            self._place.tags[tag].attributes = _WRITE_LOCK
        elif self._chance(0.02):
            image.attributes = _WRITE_LOCK

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _image(self, at: int) -> Manifest:
        if not self._multi_arch or self._chance(0.2):
            return self._single(at)
        children = self._platforms(at)
        # The index comes when its children are there.
        index_at = at + TICKS_PER_SECOND // 5
        if self._docker or self._chance(0.5):
            return self._pusher.index(index_at, children, docker=self._docker)
        attestations = self._pusher.attestations(at, children)
        return self._pusher.index(index_at, children + attestations, attestations=len(attestations))

    def _platforms(self, at: int) -> tuple[Manifest, ...]:
        number = 2 + (self._chance(0.3)) * 2
        self._last_children = tuple(self._single(at, it) for it in PLATFORMS[:number])
        return self._last_children

    def _single(self, at: int, platform: Platform = PLATFORMS[0]) -> Manifest:
        return self._pusher.image(at, docker=self._docker, platform=platform, base=self._base)
