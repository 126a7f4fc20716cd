"""`policy import` of what scripts really look like: each is followed exactly, or refused."""

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import lines, read

LINE = "acr purge -f a:b --ago 1d"
OTHER = "acr purge -f c:d --ago 2d"
TASK = f"<<EOF\nsteps:\n - cmd: {LINE}\nEOF\n"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"bash <<'X'\n{LINE}\nX\n", [LINE]),
        (f"set -euo pipefail\naz login && az account set -s x && {LINE} || true", [LINE]),
        (f"{LINE} && {OTHER}", [LINE, OTHER]),
        (f"{LINE} &\n{OTHER} & wait", [LINE, OTHER]),
        (f"{LINE}; {OTHER};", [LINE, OTHER]),
        ("R=a\r\nacr purge \\\r\n  -f $R:b \\\r\n  --ago 1d\r\n", [LINE]),
        ("acr\tpurge\t-f\ta:b\t--ago\t1d", [LINE]),
        (f"\ufeff{LINE}", [LINE]),
        (f"# {OTHER} \\\n{LINE} # --untagged", [LINE]),
        ("acr purge -f a:b#c --ago 1d", ["acr purge -f 'a:b#c' --ago 1d"]),
        ("R=x A=1d\nacr purge -f ${R}:b --ago $A", ["acr purge -f x:b --ago 1d"]),
        ("R=a\nR=$R/x\nacr purge -f $R:b --ago 1d", ["acr purge -f a/x:b --ago 1d"]),
        ("CMD='acr purge -f a:b'\n$CMD --ago 1d", [LINE]),
        (f"test -f x || true\ngrep x y | sort\nif [ -f x ]; then echo; fi\n{LINE}", [LINE]),
        (f"{LINE} > >(tee log) 2>&1", [LINE]),
        (f"time {LINE}", [LINE]),
        (f"purge:\n\t{LINE}\n", [LINE]),
        ('for r in a; do acr purge -f "$r":b --ago 1d || echo no; done', [LINE]),
        (f"cat > t.yaml {TASK}az acr run -f t.yaml .\n", [LINE]),
        ("acr purge -f 'a:v{1,2}' --ago 1d", ["acr purge -f 'a:v{1,2}' --ago 1d"]),
        (
            "az acr run --cmd \"acr purge --filter 'a:^(x|y) z$' --ago 1d\" x",
            ["acr purge --filter 'a:^(x|y) z$' --ago 1d"],
        ),
        (f"$out = az acr run --cmd '{LINE}' x", [LINE]),
        (f"try {{\n  {LINE}\n}} finally {{\n  echo\n}}\n", [LINE]),
        (f"PURGE=$(date)\necho $PURGE\n{LINE}", [LINE]),
    ],
)
def test_what_is_followed(script: str, expected: list[str]) -> None:
    """It is what a shell would make of it."""
    assert lines(script) == tuple(expected)


@pytest.mark.parametrize("head", ["cat > t.yaml", "tee t.yaml", "cat | tee t.yaml"])
def test_a_file_that_a_script_writes(head: str) -> None:
    """It is read where it is written; any other file is named."""
    script = f"{head} {TASK}az acr run -f t.yaml .\n"
    assert read(script).notes == ()
    (told,) = read(script.replace("-f t", "-f u")).notes
    assert told == "line 5: the task's file 'u.yaml' is not read: import it by itself"


@pytest.mark.parametrize(
    ("script", "where", "found"),
    [
        ("R=web\nbash <<X\nacr purge -f $R:b --ago 1d\nX\n", "line 2", "for another shell"),
        (f"bash <<'X'\nR=cart\n{LINE}\nX\n", "line 1", "for another shell"),
        (f"cat <<A <<B\nx\nA\n{OTHER}\nB\n{LINE}", "line 1", "two here-documents"),
        (f"cat <<A\n{OTHER}\n{LINE}\n", "line 1", "without its end"),
        (f"if x; then\ncat > t.yaml {TASK}fi\n", "here-document of line 3", "condition"),
        (f"CMD=$(cat <<X\n{LINE}\nX\n)\n$CMD", "line 5", "'$CMD'"),
        ("f() {\n  acr purge -f $1 --ago 1d\n}\nf a:b", "line 2", "'$1'"),
        ("f() {\n  acr purge -f a:b --ago 1d\n}\n", "line 2", "a line in a function"),
        ("az acr repository list | xargs -I{} acr purge -f '{}:.*' --ago 1d", "line 1", "xargs"),
        ("(R=web); acr purge -f $R:b --ago 1d", "line 1", "'$R'"),
        (f"set -e\ntest -f x\n{LINE}", "line 3", "a line that test of line 2 may leave out"),
        (f"set -e\n[[ $X == 1 ]]\n{LINE}", "line 3", "may leave out"),
        (f"grep -q x y\n{LINE}", "line 2", "a line that grep of line 1 may leave out"),
        (f"false\n{LINE}", "line 2", "may leave out"),
        (f"X=$(echo {LINE})", "line 1", "$(echo acr"),
        ('A=(-f a:b --ago 1d)\nacr purge "${A[@]}"', "line 2", "'${A[@]}'"),
        ('R=(a b)\nfor r in "${R[@]}"; do acr purge -f $r:b --ago 1d; done', "line 2", "'$r'"),
        ("for r in {a,b}; do acr purge -f $r:b --ago 1d; done", "line 1", "'$r'"),
        ("acr purge -f a:v{1,2} --ago 1d", "line 1", "'a:v{1,2}'"),
        ("acr purge -f a{1..3}:b --ago 1d", "line 1", "'a{1..3}:b'"),
        ("acr purge -f a:b \\\n  # --untagged \\\n  --ago 1d", "line 1, --ago", "nothing"),
        ("acr purge -f a:b \\ \n --ago 1d", "line 1, command", "' '"),
        ("acr purge -f a:b,c:d --ago 1d", "line 1, --filter", "'a:b,c:d'"),
        ("acr purge -f a: b --ago 1d", "line 1, command", "'b'"),
        (f"{LINE}\r{OTHER}", "line 1, command", "'acr'"),
        (f"{LINE} ${{DRY:+--dry-run}}", "line 1", "'${DRY:+--dry-run}'"),
        ("R=a-x\nacr purge -f ${R%-x}:b --ago 1d", "line 2", "'${R%-x}'"),
        ("D=3\nacr purge -f a:b --ago $((D*2))d", "line 2, --ago", "'$((D*2))d'"),
        (f"C='{LINE}'\neval $C", "line 2", f"'eval {LINE}'"),
        ("A=1d\neval $X\nacr purge -f a:b --ago $A", "line 3", "'$A'"),
        (f"alias p='{LINE}'", "line 1", "'alias p"),
        (f"trap '{LINE}' EXIT", "line 1", "'trap"),
        (f"timeout 60 {LINE}", "line 1", "'timeout 60"),
        (f"0 1 * * * {LINE}", "line 1", "'0 1 *"),
        ("$TOOL purge -f a:b --ago 1d", "line 1", "'$TOOL purge"),
        ("R=web acr purge -f $R:b --ago 1d", "line 1", "'$R'"),
        ("az acr task create -n t --cm 'acr purge -f a:b --ago 1d'", "line 1", "'--cm'"),
        (f"az acr task create -n t --cmd '{LINE}' --status $S", "line 1", "(status: '$s')"),
        (f"az acr task create -n t --cmd '{LINE}'\naz acr task delete -n t", "line 2", "(t)"),
        (f"if ($x) {{\n  {LINE}\n}}\n", "line 2", "condition"),
        (f"try {{\n  echo\n}} catch {{\n  {LINE}\n}}\n", "line 4", "condition"),
        (f"function F($r) {{\n  {LINE}\n}}\nF web", "line 2", "in a function"),
        (f"1..3 | % {{ {LINE} }}", "line 1", "'% { acr"),
        ("$r = 'web'\nacr purge -f \"$r:b\" --ago 1d", "line 2", "'$r'"),
        ("param($R = 'a')\nacr purge -f \"${R}:b\" --ago 1d", "line 2", "'${R}'"),
        ("for %%r in (a b) do acr purge -f %%r:b --ago 1d", "line 1", "'%%r'"),
        ("subprocess.run(['acr', 'purge', '--filter', 'a:b'])", "line 1", "[acr, purge"),
        ("stage {\n  when { branch 'x' }\n  sh 'acr purge'\n}", "line 3", "'sh acr purge'"),
        ("az acr run -f purge.yaml .", "text", "the task's file 'purge.yaml' is not read"),
        (f"az acr task create -n t --cmd '{LINE}' --is-system-task", "text", "the task is off"),
    ],
)
def test_what_is_refused(script: str, where: str, found: str) -> None:
    """The error names the line and what was found; nothing of it becomes a policy."""
    problem = problems_of(lambda: import_policy(script))[0]
    assert problem.path.startswith(where)
    assert found in problem.found
    assert problem.expected


@pytest.mark.parametrize(
    ("script", "held"),
    [
        ("C=\"acr purge -f 'a:b' --ago 1d\"\n$C", '"\'"'),
        ("acr purge -f \u201ca:b\u201d --ago 1d", r"'\u201c'"),
        ("acr purge -f\u00a0a:b --ago 1d", r"'\xa0'"),
        ("acr purge -f 'a: b' --ago 1d", "' '"),
    ],
)
def test_what_no_name_holds(script: str, held: str) -> None:
    """It is followed exactly, as a shell would, and told: the line never did what was meant."""
    assert any(f"holds {held}, which no repository" in note for note in read(script).notes)


def task(text: str) -> str:
    """Write a task with a step."""
    return f"version: v1.1.0\nsteps:\n{text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x: &l {LINE}\nsteps:\n- cmd: *l\n", [LINE]),
        (task(f"- &s\n  cmd: {LINE}\n- *s\n"), [LINE]),
        (task(f"- cmd: {LINE} # --untagged\n").replace("\n", "\r\n"), [LINE]),
        (task("- cmd: >\n    acr purge\n    -f a:b\n    --ago 1d\n"), [LINE]),
        (task("- cmd: |\n    acr purge \\\n      -f a:b --ago 1d\n"), [LINE]),
        (task("- cmd: [acr, purge, -f, 'a:b', --ago, 1d]\n"), [LINE]),
        ("purge:\n  before_script: [R=a]\n  script:\n    - acr purge -f $R:b --ago 1d\n", [LINE]),
        (f"services:\n  p:\n    image: x/acr:1\n    command: {LINE}\n", [LINE]),
    ],
)
def test_documents_that_are_followed(text: str, expected: list[str]) -> None:
    """Aliases, folded texts and lists are what a reader of YAML makes of them."""
    assert lines(text) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (f"b: &b {{cmd: '{LINE}'}}\nsteps:\n- <<: *b\n", "steps[0]", "a merge key"),
        (f"{task(f'- cmd: {LINE}')}\n---\nx: y\n", "document", "a second document"),
        (task(f"\t- cmd: {LINE}"), "line 3", "no YAML"),
        (task(f"- cmd: {LINE}\n  cmd: {OTHER}\n"), "steps[0].cmd", "the same key again"),
        (task(f"- cmd: {LINE} && {OTHER}\n"), "steps[0].cmd", "'&&'"),
        (task(f"- cmd: bash -c '{LINE}'\n"), "steps[0].cmd", "bash -c"),
        (task(f"- cmd: {LINE}\n  entryPoint: sh\n"), "steps[0].cmd", "another program ('sh')"),
        (f"p:\n  script: ['test -f x', '{LINE}']\n", "p.script, line 2", "may leave out"),
        (f"p:\n  before_script: [exit 0]\n  script: ['{LINE}']\n", "p.script", "may leave out"),
        (f"- tasks:\n  - shell: {LINE}\n    when: prod\n", "[0].tasks[0].shell", "(when: 'prod')"),
        (
            "variables:\n- {name: R, value: a}\n- group: g\nsteps:\n- bash: acr purge -f $(R):b\n",
            "steps[0].bash",
            "'$(R)'",
        ),
        (
            "env: {D: '${{ vars.D }}'}\nsteps:\n- run: acr purge -f a:b --ago ${D}d\n",
            "steps[0].run",
            "'${D}'",
        ),
        ('{"step": {"encodedTaskContent": "[base64(x)]"}}', "step.encoded", "'[base64(x)]'"),
        ('{"count": "${var.x}", "cmd": "acr purge -f a:b --ago 1d"}', "cmd", "(count: "),
        ('{"count": 0, "cmd": "acr purge -f a:b --ago 1d"}', "text", "is off"),
        ('{"copy": {"count": 2}, "cmd": "acr purge -f a:b --ago 1d"}', "cmd", "(copy: "),
    ],
)
def test_documents_that_are_refused(text: str, where: str, found: str) -> None:
    """The error names the place and what was found."""
    problem = problems_of(lambda: import_policy(text))[0]
    assert problem.path.startswith(where)
    assert found in problem.found
