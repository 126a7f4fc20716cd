"""`policy import` refuses what it does not wholly follow: nothing of it is guessed."""

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import lines, read

LINE = "acr purge --filter 'a:.*' --ago 1d"
USED = "acr purge -f a:b --ago $A"


@pytest.mark.parametrize(
    "before",
    [
        "if x; then",
        "[ -n x ] &&",
        "[ -n x ] && {",
        "[ -n x ] && (",
        "[ -n x ] && echo now &&",
        "false &&",
        "x ||",
        "exit\n",
        "[ -n x ] || exit 0\n",
        "cd x || exit 0\n",
        "if [ -n x ]; then exit 1; fi\n",
        "case x in y) exit;; esac\n",
        "for r in a b; do [ $r = a ] && continue\n",
        "while x; do",
        "f() {\n",
        "f() { if y; then echo; fi\n",
        "function f {\n",
        "f() (",
    ],
)
def test_a_line_that_perhaps_does_not_run(before: str) -> None:
    """Whether it does is not known here, so it is no policy; the line is named."""
    (problem, *others) = problems_of(lambda: import_policy(f"{before} {LINE}"))
    assert others == []
    assert problem.path == f"line {before.count(chr(10)) + 1}"
    assert problem.found.startswith("a line ")


@pytest.mark.parametrize(
    "before", ["cd x || exit 1\n", "set -e; az login &&", "f() { echo; }\n", "(", "a | b;"]
)
def test_a_line_that_runs(before: str) -> None:
    """What asks nothing is no condition."""
    assert lines(f"{before} {LINE}") == (LINE,)


@pytest.mark.parametrize(
    "write",
    [
        "read A",
        "mapfile A",
        "let A=7",
        "((A=7))",
        "unset A",
        "printf -v A 7",
        "getopts x A",
        "declare -i A=7",
        "local -r A=7",
        "export -n A",
        "(A=7d)",
        "f() { A=7d; }",
        "A=7d | x",
        "x | A=7d",
        "if x; then A=7d; fi",
        "x && A=7d",
        ". ./settings",
        "source settings",
        ": ${A:=7}",
        "x | while read A; do y; done",
        "for x in $(y); do A=7d; done",
    ],
)
@pytest.mark.parametrize("earlier", ["A=9d\n", ""])
def test_a_value_that_is_not_followed(write: str, earlier: str) -> None:
    """It has to be given, whether or not there was one before."""
    problems = problems_of(lambda: import_policy(f"{earlier}{write}\n{USED}"))
    assert problems[0].found == "'$A'"
    assert lines(f"{earlier}{write}\n{LINE}") == (LINE,)


@pytest.mark.parametrize("write", ["A=$(date -u)", "read A", "x && A=7d"])
def test_a_default_of_what_may_be_set(write: str) -> None:
    """It is none: the variable has another value, that is not known."""
    script = f"{write}\nacr purge -f a:b --ago ${{A:-9d}}"
    assert problems_of(lambda: import_policy(script))[0].found == "'${A:-9d}'"


@pytest.mark.parametrize("write", ["$a = '7d'", "$A += '7d'", "[string]$A = '7d'", "$A='7d'"])
def test_what_powershell_writes(write: str) -> None:
    """Its names are without case, and it writes in many ways."""
    script = f"$A = '9d'\n{write}\nacr purge -f a:b --ago $A"
    assert problems_of(lambda: import_policy(script))[0].found == "'$A'"


@pytest.mark.parametrize(
    "text", ["cat <<X\nacr purge -f b:.* --ago 0d\nX\n", "<# acr purge -f b:.* --ago 0d\n#>\n"]
)
def test_what_is_no_code(text: str) -> None:
    """A here-document is a text, unless a shell is fed with it; so is a comment."""
    assert lines(f"{text}{LINE}") == (LINE,)
    assert lines(f"bash <<X\n{LINE}\nX\n") == (LINE,)


def test_variables_of_cmd() -> None:
    """They are not followed."""
    problem = problems_of(lambda: import_policy("acr purge -f a:b --ago %DAYS%"))[0]
    assert (problem.path, problem.found) == ("line 1", "'%DAYS%'")


def test_a_task_that_is_off() -> None:
    """It takes nothing; one that is changed later is not known."""
    task = f'az acr task create -n x -r contoso --cmd "{LINE}"'
    imported = read(f"{task.replace('-n x', '-n y')} --status Disabled\n{task}")
    assert imported.lines == (f"{LINE} --registry contoso",)
    assert imported.notes == ("line 1: the task is off, and left out",)
    later = f"{task}\naz acr task update -n x -r contoso --cmd 'acr purge -f b:c --ago 9d'"
    assert problems_of(lambda: import_policy(later))[0].path == "line 2"


def test_loops_without_end() -> None:
    """A few lines of text never become millions."""
    script = "for i in {}; do\n".format(" ".join("x" * 100)) * 4 + LINE + "\ndone" * 4
    assert problems_of(lambda: import_policy(script))[0].found == "loops without end"


def test_what_an_editor_leaves() -> None:
    """A byte order mark is none of the text; a control character is no text; `[` is no JSON."""
    assert lines(f"\ufeff{LINE}") == (LINE,)
    assert problems_of(lambda: import_policy(f"true\n{LINE}\x00"))[0].path == "line 2"
    script = f"[ -n x ] && {LINE}"
    assert problems_of(lambda: import_policy(script))[0].path == "line 1"


@pytest.mark.parametrize(
    "key", ["if", "condition", "enabled", "when", "rules", "${{ if eq(a, b) }}"]
)
def test_a_step_under_a_condition(key: str) -> None:
    """Whether a workflow runs it is not known here."""
    text = f"jobs:\n  a:\n    steps:\n      - run: {LINE}\n        '{key}': x == y\n"
    shown = key if key.startswith("$") else f"{key}: 'x == y'"
    problem = problems_of(lambda: import_policy(text))[0]
    assert problem.found == f"a line that runs only under a condition ({shown})"
    assert problem.path == "jobs.a.steps[0].run, line 1"
