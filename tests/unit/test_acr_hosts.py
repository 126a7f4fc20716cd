"""Registry names, and which hosts may receive a credential."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.adapters.acr_hosts import Standing, registry_host, standing_of
from purge_core.errors import InputError


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("contoso", "contoso.azurecr.io"),
        ("Contoso", "contoso.azurecr.io"),
        ("contoso-ab12cd", "contoso-ab12cd.azurecr.io"),
        ("contoso.azurecr.io", "contoso.azurecr.io"),
        ("CONTOSO.AzureCR.io", "contoso.azurecr.io"),
        ("contoso.azurecr.cn:443", "contoso.azurecr.cn:443"),
        ("localhost:5000", "localhost:5000"),
        ("localhost", "localhost.azurecr.io"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("[::1]", "[::1]"),
        ("::1", "[::1]"),
        ("registry.example.com:8443", "registry.example.com:8443"),
    ],
)
def test_name_means_host(name: str, host: str) -> None:
    """A name with a dot or a colon is a host; any other gets Azure's domain."""
    assert registry_host(name) == host


HOPELESS = [
    "",
    " contoso",
    "contoso ",
    "contoso\n",
    "https://contoso.azurecr.io",
    "contoso.azurecr.io/v2",
    "contoso.azurecr.io/",
    "user@contoso.azurecr.io",
    "user:secret@contoso.azurecr.io",
    "evil.com#.azurecr.io",
    "evil.com?.azurecr.io",
    "evil.com\\.azurecr.io",
    "evil.com%2f.azurecr.io",
    "contoso.azurecr.io.",
    ".azurecr.io",
    "a..azurecr.io",
    "-a.azurecr.io",
    "contoso_1.azurecr.io",
    "contoso.azurecr.io:",
    "contoso.azurecr.io:0",
    "contoso.azurecr.io:65536",
    "contoso.azurecr.io:http",
    "contoso.azurecr.io:\uff11",
    "contoso\u3002azurecr.io",
    "\u212aontoso",
    "[::1",
    "[::1]5000",
    "[::1%25lo]:5000",
    "[evil.com]:5000",
    "a" * 64,
    ".".join(["a" * 60] * 5),
]


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_name_is_refused(name: str) -> None:
    """What is no host name is refused, and the problem says where it stands."""
    with pytest.raises(InputError) as caught:
        registry_host(name, path="PURGE_REGISTRIES[1]")
    (problem,) = caught.value.problems
    assert problem.path == "PURGE_REGISTRIES[1]"


@pytest.mark.parametrize(
    ("host", "standing"),
    [
        ("contoso.azurecr.io", Standing.AZURE),
        ("contoso.azurecr.io:443", Standing.AZURE),
        ("contoso.azurecr.cn", Standing.AZURE),
        ("contoso.azurecr.us", Standing.AZURE),
        ("contoso.westeurope.data.azurecr.io", Standing.AZURE),
        ("azurecr.io", Standing.STRANGER),
        ("evilazurecr.io", Standing.STRANGER),
        ("contoso.azurecr.io.evil.com", Standing.STRANGER),
        ("contoso.azurecr.de", Standing.STRANGER),
        ("127.0.0.1:5000", Standing.LOOPBACK),
        ("127.1.2.3", Standing.LOOPBACK),
        ("[::1]:5000", Standing.LOOPBACK),
        ("localhost:5000", Standing.LOOPBACK),
        ("localhost.azurecr.io", Standing.AZURE),
        ("127.0.0.1.nip.io", Standing.STRANGER),
        ("localhost.evil.com", Standing.STRANGER),
        ("128.0.0.1", Standing.STRANGER),
        ("127.1", Standing.STRANGER),
        ("[::ffff:127.0.0.1]", Standing.STRANGER),
        ("[::ffff:7f00:1]", Standing.STRANGER),
        ("10.0.0.1", Standing.STRANGER),
        ("user@contoso.azurecr.io", Standing.STRANGER),
        ("evil.com/.azurecr.io", Standing.STRANGER),
    ],
)
def test_standing(host: str, standing: Standing) -> None:
    """Only whole labels of Azure's domains, and only true loopback addresses, count."""
    assert standing_of(host) is standing


@pytest.mark.parametrize(
    ("host", "trusted", "standing"),
    [
        ("registry.example.com", ["registry.example.com"], Standing.TRUSTED),
        ("registry.example.com", ["REGISTRY.example.com:443"], Standing.TRUSTED),
        ("registry.example.com:8443", ["registry.example.com:8443"], Standing.TRUSTED),
        ("registry.example.com:8443", ["registry.example.com"], Standing.STRANGER),
        ("sub.registry.example.com", ["registry.example.com"], Standing.STRANGER),
        ("evilregistry.example.com", ["registry.example.com"], Standing.STRANGER),
        ("127.0.0.1:5000", ["127.0.0.1:5000"], Standing.LOOPBACK),
        ("contoso.azurecr.io", ["registry.example.com"], Standing.AZURE),
    ],
)
def test_trusted_host_is_meant_exactly(host: str, trusted: list[str], standing: Standing) -> None:
    """A trusted host means that name and port, and never makes loopback anything else."""
    assert standing_of(host, trusted) is standing


def test_trusted_host_must_be_a_host() -> None:
    """A pattern among the trusted hosts is a mistake, not a host that never matches."""
    with pytest.raises(InputError, match="trusted hosts"):
        standing_of("registry.example.com", ["*.example.com"])


@given(st.text(max_size=40))
def test_any_text_gives_a_plain_host_or_a_problem(text: str) -> None:
    """No text yields a host that a URL would read otherwise."""
    try:
        host = registry_host(text)
    except InputError:
        return
    assert host.isascii()
    assert not set(host) & set("/\\@?#% \n")
    assert registry_host(host) == host
