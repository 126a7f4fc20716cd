"""How all tests run: fast stages first, Hypothesis profiles, and no silent skip in CI."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from devhost.azurite import Azurite

ROOT = Path(__file__).parent.parent

STAGES = (
    "unit",
    "infra",
    "golden",
    "emulator",
    "property",
    "parity",
    "contract",
    "integration",
    "host",
    "pages",
    "e2e",
)
"""The folders of tests/, quickest first; tests that stand beside these folders run before them."""

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
RECORDINGS = Path(os.environ.get("ACR_RECORDINGS", ROOT.parent / "shared" / "acr-recordings"))

FIND = (Phase.explicit, Phase.generate)

# A loaded machine generates slowly, which says nothing about the code: no time limit per example.
# Mutation testing runs the laws once per mutant: few examples, always the same ones, and nobody
# reads the failing one, so it is not made smaller.
# CI judges a change by examples that the law alone decides, so what passed once passes again;
# new ones are looked for at every desk.
for profile, examples in {"default": 200, "ci": 2000, "mutants": 25}.items():
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=IN_CI or profile == "mutants",
        print_blob=True,
        phases=FIND if profile == "mutants" else tuple(Phase),
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever looks at the difference write the goldens anew."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to write goldens where nobody looks at them."""
    if config.getoption("--update-golden") and IN_CI:
        raise pytest.UsageError("--update-golden is not for CI: what it writes must be looked at")


def stage_of(path: Path) -> int:
    """Return the position of a test file's stage in the run."""
    folder = path.relative_to(ROOT / "tests").parts[0]
    return STAGES.index(folder) if folder in STAGES else -1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the stages in order and leave the random order within each as it is."""
    items.sort(key=lambda item: stage_of(item.path))


def may_skip(node: pytest.Item | pytest.Collector) -> bool:
    """Tell whether a skip is allowed: in CI only for want of the recordings, elsewhere always."""
    return not IN_CI or (
        node.get_closest_marker("recordings") is not None and not RECORDINGS.is_dir()
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failure in CI, where everything must run."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not may_skip(item):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failure in CI, where everything must run."""
    report = yield
    if report.skipped and not may_skip(collector):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of recorded registry answers; skip where there is none."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recordings at {RECORDINGS}; ACR_RECORDINGS names another folder")
    return RECORDINGS


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of an Azurite that the tests of this process share."""
    with Azurite.start(tmp_path_factory.mktemp("storage")) as azurite:
        yield azurite.connection_string
