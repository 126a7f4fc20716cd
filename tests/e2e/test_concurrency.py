"""`--concurrency`: so many requests reach the registry at once, no more and no fewer."""

import pytest

from tests.e2e.shop import Shop

INDEXES = 60
SLOWLY = """
faults:
  - {kind: manifest_get, path: "{shop}/", effect: slow, delay: %s}
"""


def seed(shop: Shop, delay: float) -> None:
    """Put indexes into six repositories: each has to be read, and what it lists is asked for."""
    lines = []
    for number in range(6):
        lines.append(f'  "{{shop}}/r{number}":\n    images:')
        for index in range(INDEXES // 6):
            part, tag = f"{{id: p{number}-{index}}}", f"tags: [t{index}]"
            lines.append(f"      - {part}\n      - {{index: [p{number}-{index}], {tag}}}")
    shop.seed("\n".join(lines), SLOWLY % delay)


def most_in_flight(shop: Shop, *words: str) -> int:
    """Run a command, and return how many requests were under way at once."""
    shop.served.admin("DELETE", "requests")
    done = shop.run(*words)
    assert done.code == 0, done.err
    most = shop.served.admin("GET", "requests")["most_in_flight"]
    assert isinstance(most, int)
    return most


def test_more_than_usual(own_shop: Shop) -> None:
    """The option beats the setting for connections as well."""
    seed(own_shop, 2.0)
    assert 16 < most_in_flight(own_shop, "verify", "--concurrency", "40") <= 40


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_fewer_than_usual(own_shop: Shop, concurrency: str) -> None:
    """Also where repositories are looked at side by side, and each reads its own indexes."""
    seed(own_shop, 0.1)
    assert most_in_flight(own_shop, "verify", "--concurrency", concurrency) <= int(concurrency)
