"""What the documents show works: commands, links, targets of make, and the pages of help."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from purge_core.cli.program import program
from purge_core.http.openapi import openapi_document
from purge_core.policies.source import load_policy
from tests.e2e.shop import Shop

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = ROOT / "docs" / "commands.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

SHOP = """
  shop/cart:
    images:
      - {tags: [1.4.2, latest], age: 90d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-17], age: 30d}
"""


def shown(text: str) -> Iterator[list[str]]:
    """Yield the commands that stand in the console blocks of a document."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                yield shlex.split(line[2:])


def test_commands_of_the_readme_work(own_shop: Shop, tmp_path: Path) -> None:
    """Each runs as printed, in order, against a registry that knows the names in it."""
    for name in ("purge-policy.yaml", "new-policy.yaml"):
        shutil.copy(ROOT / "purge-policy.yaml", tmp_path / name)
    own_shop.folder = tmp_path
    commands = [words[1:] for words in shown(README) if words[0] == "acr-purge"]
    assert len(commands) >= 10
    for words in commands:
        own_shop.served.admin("POST", "scenario", f"repositories:{SHOP}")
        host = own_shop.served.login_server
        result = own_shop.run(*[host if word == "contoso" else word for word in words])
        assert (result.code, result.out != "") == (0, True), f"{words}: {result.err}"


def test_targets_of_make_exist() -> None:
    """Every `make` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = re.findall(r"(?:`|\$ )make ([a-z -]+)", document.read_text())
        assert {word for text in named for word in text.split()} <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every link to a file of the project finds it, and every anchor its heading."""
    text = document.read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        if target.startswith("http"):
            continue
        assert (document.parent / path).exists(), target
        assert not anchor or path or anchor in headings, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_that_are_named_exist(document: Path) -> None:
    """A path of the code that a document names is there."""
    tops = ("purge_core", "acr_emulator", "devhost", "tests", "docs", "examples", "demo")
    named = re.findall(rf"`((?:{'|'.join(tops)})/[\w./]*)`", document.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_policy_of_the_readme_is_right() -> None:
    """It loads, and says what the text around it says."""
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    policy = load_policy(text)
    assert [rule.name for rule in policy.rules] == ["pull requests", "releases"]
    assert policy.untagged is not None


def test_requests_of_the_readme_are_those_of_the_app() -> None:
    """The table has every request that the app answers, and no other."""
    named = set(re.findall(r"`(GET|POST) (/api/[^`]+)`", README))
    paths = openapi_document()["paths"].items()
    assert named == {
        (method.upper(), path)
        for path, item in paths
        for method in item
        if method in {"get", "post"}
    }


def all_commands(
    command: click.Command, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its name, groups before what is in them."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from all_commands(inner, (*names, name))


def page() -> str:
    """Write docs/commands.md: every command with its help, as it is printed."""
    lines = [
        "# Commands",
        "",
        "Every command with what `--help` prints. A test compares the two.",
    ]
    for names, command in all_commands(program):
        path = " ".join(("acr-purge", *names))
        context = click.Context(command, info_name=path, **command.context_settings)
        context.terminal_width = 78  # two columns of 80 stay free
        lines += ["", f"## {path}", "", "```", command.get_help(context).rstrip(), "```"]
    return "\n".join(lines) + "\n"


def test_page_of_commands_is_what_help_prints(request: pytest.FixtureRequest) -> None:
    """docs/commands.md is up to date (--update-golden writes it), and fits 80 columns."""
    text = page()
    if request.config.getoption("--update-golden"):
        COMMANDS.write_text(text)
    assert COMMANDS.read_text() == text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_help_is_printed_as_on_the_page(shop: Shop) -> None:
    """The page shows what the program prints."""
    for words in (["--help"], ["purge", "--help"], ["policy", "show", "--help"]):
        result = shop.run(*words, COLUMNS="200")
        assert result.code == 0
        assert result.out.rstrip() in COMMANDS.read_text()


def test_every_setting_of_the_readme_is_read() -> None:
    """Every variable named there is one that the program knows, and the other way round."""
    table = README.partition("## Settings")[2].partition("##")[0]
    named = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    source = (ROOT / "purge_core" / "settings.py").read_text()
    assert named - {"SSL_CERT_FILE"} <= set(re.findall(r'"([A-Z]+_[A-Z_]+)"', source))
