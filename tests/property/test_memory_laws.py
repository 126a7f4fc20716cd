"""Whatever a memory of manifests holds, what is judged with it is what is judged without it."""

import asyncio
from collections.abc import Callable
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions
from purge_core.manifest_memory import NO_MEMORY, ManifestMemory, pack
from purge_core.model import Digest
from purge_core.policies.policy import Policy
from purge_core.policies.source import load_policy
from purge_core.survey import survey
from tests.builders import NOW, days
from tests.emulated import OCI_IMAGE, OCI_INDEX, manifest_bytes
from tests.fake_memory import FakeMemory
from tests.fake_source import SHOP, Source, connected
from tests.fake_state import digest_of

POLICIES: Final = tuple(
    map(
        load_policy,
        (
            "acr purge --filter '.*:old.*' --ago 7d --untagged",
            (
                "{version: 1, rules: [{repositories: '.*', tags: 'old.*', older_than: 7d, "
                "target: images}], untagged: {older_than: 7d, keep_newest: 1}}"
            ),
        ),
    )
)
HIDING: Final = pack(manifest_bytes((), (), None, "nothing")) or b""
"""A manifest that names nothing: it would take the protection from what an index lists."""

Spoil = Callable[[bytes], bytes | None]
SPOILS: Final[tuple[Spoil, ...]] = (
    lambda entry: entry,
    lambda _: None,
    lambda _: HIDING,
    lambda _: b"garbage",
    lambda entry: entry[:-7],
    lambda entry: entry + entry,
    lambda entry: entry[:3] + bytes([entry[3] ^ 1]) + entry[4:],
)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Draw a repository of images, indexes of what is there, and referrers, of several ages."""
    source, digests = Source(), list[Digest]()
    for number in range(draw(st.integers(1, 9))):
        named = st.lists(st.sampled_from(digests), max_size=3, unique=True)
        children: tuple[Digest, ...] = tuple(draw(named)) if digests else ()
        bare: tuple[Digest, ...] = ()
        if draw(st.booleans()):
            children, bare = bare, children
        refers = digests and draw(st.integers(0, 3)) == 0
        subject = draw(st.sampled_from(digests)) if refers else None
        content = manifest_bytes(children, bare, subject, f"manifest {number}")
        digest = digest_of(content.decode())
        tag = draw(st.sampled_from(((), (f"old-{number}",), (f"kept-{number}",))))
        at = Instant(NOW - days(draw(st.sampled_from((1, 30)))))
        media_type = OCI_INDEX if children or bare else OCI_IMAGE
        source.push(SHOP, *tag, digest=digest, media_type=media_type, at=at)
        source.contents[digest] = content
        digests.append(digest)
    return source


def decided(source: Source, policy: Policy, memory: ManifestMemory) -> Decisions:
    """Read and judge the repository."""

    async def read() -> Decisions:
        async with connected(source, memory) as registry:
            return (await survey(registry, SHOP, policy, NOW, 4, {}))[1]

    return asyncio.run(read())


@given(sources(), st.sampled_from(POLICIES), st.data())
def test_a_memory_changes_no_verdict(source: Source, policy: Policy, data: st.DataObject) -> None:
    """Be its entries true, missing, damaged, of others, or made to hide what is listed."""
    truth = decided(source, policy, NO_MEMORY)
    memory = FakeMemory()
    entries = memory.entries["contoso", SHOP] = {}
    for digest, content in source.contents.items():
        assert isinstance(content, bytes)
        spoilt = data.draw(st.sampled_from(SPOILS))(pack(content) or b"")
        if spoilt is not None:
            entries[digest] = spoilt
    assert decided(source, policy, memory) == truth
    assert decided(source, policy, memory) == truth


@given(sources(), st.sampled_from(POLICIES))
def test_what_was_read_once_is_not_read_again(source: Source, policy: Policy) -> None:
    """A second run judges the same and reads no manifest."""
    memory = FakeMemory()
    first = decided(source, policy, memory)
    reads = source.reads
    assert decided(source, policy, memory) == first
    assert source.reads == reads
