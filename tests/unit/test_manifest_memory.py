"""An entry of the memory proves itself by its digest, or counts for nothing."""

import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.manifest_memory import MAX_CONTENT, MAX_PACKED, pack, unpack
from purge_core.model import Digest

BODY = b'{"schemaVersion":2,"manifests":[{"digest":"sha256:00"}]}'


def named(content: bytes) -> Digest:
    """Return the digest of some bytes."""
    return Digest(f"sha256:{sha256(content).hexdigest()}")


@given(st.binary())
def test_what_is_packed_comes_back(content: bytes) -> None:
    """Byte for byte, whatever it is."""
    entry = pack(content)
    assert entry is not None
    assert unpack(named(content), entry) == content


@given(st.binary(), st.binary())
def test_only_the_true_bytes_are_believed(entry: bytes, other: bytes) -> None:
    """An entry that is damaged, of another manifest, or made up gives nothing."""
    digest = named(BODY)
    assert unpack(digest, entry) is None
    assert unpack(digest, zlib.compress(other)) is None
    assert unpack(digest, (pack(BODY) or b"")[:-6] + entry) in (None, BODY)


def test_other_kinds_of_digests_are_not_believed() -> None:
    """What cannot be checked is not relied on."""
    assert unpack(Digest("sha512:" + "0" * 128), pack(BODY) or b"") is None


def test_large_manifests_are_not_remembered() -> None:
    """They would not fit a column of a table; reading them each time is what it costs."""
    noise = b"".join(sha256(bytes([n % 256, n // 256])).digest() for n in range(3000))
    assert len(noise) > MAX_PACKED
    assert pack(noise) is None


@pytest.mark.parametrize("size", [MAX_CONTENT + 1, 50 * MAX_CONTENT])
def test_a_bomb_is_not_unpacked(size: int) -> None:
    """An entry that would become huge ends at the size of the largest manifest."""
    bomb = zlib.compress(bytes(size), 9)
    assert unpack(named(bytes(size)), bomb) is None
