"""`policy import` follows a script as far as its text says what happens, and no further."""

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import lines, read

LINE = "acr purge --filter 'a:.*' --ago 1d"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"sudo {LINE} # for now\n# acr purge --ago 0d", [LINE]),
        (f"X=1 {LINE} && echo done", [LINE]),
        ("A=1d\nacr purge -f 'a:.*' --ago $A", ["acr purge -f 'a:.*' --ago 1d"]),
        ("export A=1d; acr purge -f a:b --ago ${A}", ["acr purge -f a:b --ago 1d"]),
        ("acr purge -f a:b --ago ${A:-9d}", ["acr purge -f a:b --ago 9d"]),
        ("F='-f a:b -f c:d'\nacr purge $F --ago 1d", ["acr purge -f a:b -f c:d --ago 1d"]),
        ("C='acr purge -f a:b'\nC+=' --ago 1d'\naz acr run --cmd=\"$C\" x", None),
        (
            "az acr task create --cmd 'acr purge -f {{.Values.r}}:b --ago 1d' --set r=a -r x",
            ["acr purge -f a:b --ago 1d --registry x"],
        ),
        ("acr purge -f 'a:^v1$' --ago 1d", ["acr purge -f 'a:^v1$' --ago 1d"]),
        ('acr purge -f "a:\\.b" --ago 1d', ["acr purge -f 'a:\\.b' --ago 1d"]),
        ("acr purge -f a:b\\ c --ago 1d", ["acr purge -f 'a:b c' --ago 1d"]),
        (f'echo "{LINE}"\n{LINE}', [LINE]),
        (f"{LINE} > log 2>&1", [LINE]),
        (f"{LINE} 2>/dev/null | tee log", [LINE]),
        ("acr purge --untagged-only 2>&1 --ago 9d", ["acr purge --untagged-only --ago 9d"]),
        ("acr purge --untagged-only &>log --ago 9d", ["acr purge --untagged-only --ago 9d"]),
        (
            "acr purge --untagged-only <in >'my log' --ago 9d",
            ["acr purge --untagged-only --ago 9d"],
        ),
        (f"az login && {LINE}", [LINE]),
        ("A=1d; if x; then A=1d; fi; acr purge -f a:b --ago $A", None),
    ],
)
def test_scripts(script: str, expected: list[str] | None) -> None:
    """Quotes, variables, comments and operators mean what they mean to a shell."""
    assert lines(script) == tuple(expected or ["acr purge -f a:b --ago 1d"])


def test_the_last_of_several_options_counts() -> None:
    """As for az."""
    script = (
        f"az acr run -r one --registry=two --cmd 'acr purge -f x:y --ago 0d' --cmd \"{LINE}\" x"
    )
    imported = read(script)
    assert (imported.lines, imported.policy.registries) == ((f"{LINE} --registry two",), ("two",))
    own = read("az acr run -r one --cmd 'acr purge -r two -f a:b --ago 1d' x")
    assert own.policy.registries == ("two",)


def test_a_default_is_told() -> None:
    """What is used where nothing else is set might be set elsewhere."""
    script = "acr purge -f a:b --ago ${DAYS:-9}d"
    assert read(script).notes == ("DAYS is taken as '9'; --set DAYS=... if it is set otherwise",)
    assert read(script, DAYS="1").notes == ()


def test_variables_of_a_pipeline() -> None:
    """Azure Pipelines replaces $(name) and ${{ parameters.name }} before the shell sees them."""
    script = (
        "steps:\n  - bash: |\n"
        "      LINE=\"acr purge -f 'a:b' --ago ${{ parameters.days }}d $(flags)\"\n"
        '      az acr run --cmd "$LINE" --registry $(registry) /dev/null\n'
    )
    found = [problem.found for problem in problems_of(lambda: import_policy(script))]
    assert found == ["'${{parameters.days}}'", "'$(flags)'"]
    given = read(script, parameters__days="5", flags="--untagged")
    assert given.lines == ("acr purge -f a:b --ago 5d --untagged",)
    assert read(script, parameters__days="5", flags="").lines == ("acr purge -f a:b --ago 5d",)


def test_a_loop_over_a_list() -> None:
    """Each value makes a line; the values after the loop are the last ones."""
    script = (
        "for r in app team/web; do\n  for d in 1d; do\n"
        '    acr purge -f "$r:^ci-" --ago $d\n  done\ndone\nacr purge -f $r:^x --ago 9d'
    )
    assert lines(script) == (
        "acr purge -f 'app:^ci-' --ago 1d",
        "acr purge -f 'team/web:^ci-' --ago 1d",
        "acr purge -f 'team/web:^x' --ago 9d",
    )


def test_two_tasks_of_one_script() -> None:
    """A variable that is set anew holds its new value; two schedules are told."""
    script = "".join(
        f'PURGE_CMD="acr purge -f {name}:x --ago 3d --untagged"\n'
        f'az acr task create --cmd "$PURGE_CMD" --schedule "0 {hour} * * WED" -r oryx -c x\n'
        for name, hour in (("cli", 22), ("pack", 23))
    )
    imported = read(script)
    assert [rule.name for rule in imported.policy.rules] == ["line 1", "line 2"]
    assert imported.policy.untagged is not None
    assert [p.text for p in imported.policy.untagged.repositories] == ["cli", "pack"]
    assert imported.schedules == ("0 0 22 * * WED", "0 0 23 * * WED")
    assert imported.notes[-1].startswith("the lines run at different times")


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("A=9d\n[ -n x ] && A=1d\nacr purge -f a:b --ago $A", "'$A'"),
        ("case x in y) A=9d;; z) A=1d;; esac\nacr purge -f a:b --ago $A", "'$A'"),
        ("while read r; do acr purge -f $r:b --ago 1d; done", "'$r'"),
        ("A=$(date)\nacr purge -f a:b --ago $A", "'$(date)'"),
        ("A=$(date -u)\nacr purge -f a:b --ago $A", "'$A'"),
        ("A=$(basename $(pwd))\nacr purge -f $A:b --ago 1d", "'$A'"),
        ('C=$(cat line)\naz acr run --cmd "$C" x', "'$C'"),
        ('foreach ($r in $all) { acr purge -f "$($r):b" --ago 1d }', "'$($r)'"),
        ("acr purge -f a:b --ago `x`", "'`x`'"),
        ("acr purge -f a:$1 --ago 1d", "'$1'"),
        ("b=c; acr purge -f 'a:$b' --ago 1d", "'$b'"),
        ("acr purge -f a:b --ago \\$A", "'$A'"),
    ],
)
def test_what_the_text_does_not_say(script: str, found: str) -> None:
    """A value that is computed, conditional, or an argument has to be given."""
    problem = problems_of(lambda: import_policy(script))[0]
    assert problem.found == found
    assert problem.path.startswith("line ")
    assert "--set" in problem.expected


@pytest.mark.parametrize(
    ("script", "path"),
    [
        (f'sh -c "{LINE}"', "line 1"),
        (f'az acr run --cmd "bash -c \\"{LINE}\\"" x', "line 1, --cmd"),
        ('az acr run --cmd "acr purge -f \'a:b" x', "line 1, --cmd"),
        ("acr purge -f 'a:b", "script"),
        (f"OUT=$({LINE})", "line 1"),
        (f"{LINE}\nOUT=`az acr run --cmd '{LINE}' x`", "line 2"),
        ("acr purge -f a:b --ago 1d --weird", "line 1, --w"),
        ("az acr run -r a/b --cmd 'acr purge -f a:b --ago 1d' x", "line 1, --registry"),
        ("echo acr purge -f a:b --ago 1d", "text"),
        ("", "text"),
        ("acr manifest delete x", "text"),
    ],
)
def test_what_is_no_line(script: str, path: str) -> None:
    """A command that cannot be followed is an error, never left out."""
    assert problems_of(lambda: import_policy(script))[0].path.startswith(path)


def test_all_problems_are_told() -> None:
    """Every line's, each with its place."""
    script = "acr purge -f a:$x --ago 1d\nacr purge -f b:c --ago soon\n"
    assert [p.path for p in problems_of(lambda: import_policy(script))] == [
        "line 1",
        "line 2, --ago",
    ]


@pytest.mark.parametrize(
    "script",
    [
        "if prod; then acr purge -f a:b --ago 90d; else acr purge -f a:b --ago 7d; fi",
        "acr purge -f a:b --ago 90d || acr purge -f a:c --ago 7d",
        "acr purge -f a:b --ago 90d\nif dev; then acr purge -f a:b --ago 7d; fi",
    ],
)
def test_lines_of_which_only_some_run(script: str) -> None:
    """The policy would take what they do not; what runs anyway may run twice."""
    problem = problems_of(lambda: import_policy(script))[0]
    assert problem.found == "a line that runs only under a condition"
    certain = "acr purge -f a:b --ago 90d"
    assert lines(f"{certain}\n" + script.replace("7d", "90d").replace("a:c", "a:b")) == (certain,)


@pytest.mark.parametrize("tag", ["EOF", "'EOF'", '-"EOF"'])
def test_a_task_in_a_here_document(tag: str) -> None:
    """A task's file that a script writes is read as such; its lines are counted in the script."""
    script = (
        f"cat > task.yaml <<{tag}\nsteps:\n  - cmd: {LINE}\nEOF\n"
        "az acr task create --file task.yaml --schedule '0 1 * * *' -r contoso -c x\n"
        "acr purge -f a:$x --ago 1d\n"
    )
    assert [p.path for p in problems_of(lambda: import_policy(script))] == ["line 6"]
    imported = read(script, x="b")
    assert imported.lines == (LINE, "acr purge -f a:b --ago 1d")
    assert imported.schedules == ("0 0 1 * * *",)


def test_the_place_in_a_document() -> None:
    """A problem of a script in a workflow names the step and the line in it."""
    text = "steps:\n  - run: |\n      true\n      acr purge -f a:$x --ago 1d\n"
    assert problems_of(lambda: import_policy(text))[0].path == "steps[0].run, line 2"
