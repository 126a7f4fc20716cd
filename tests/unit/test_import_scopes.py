"""`policy import` of documents: which variables hold where, what is off, what depends."""

import json
from base64 import b64encode

import pytest

from purge_core.policies.importing.imported import import_policy
from tests.unit.acr import problems_of
from tests.unit.imports import lines, read

USING = "acr purge -f $REPO:x --ago 1d"
LINE = "acr purge -f a:b --ago 1d"


def job(name: str, *, env: str = "", steps: str = f"- run: {USING}") -> str:
    """Write a job of a workflow."""
    return f"  {name}:\n" + (f"    env: {env}\n" if env else "") + f"    steps:\n      {steps}\n"


def encoded(task: str) -> str:
    """Encode a task as Azure stores it."""
    return b64encode(task.encode()).decode()


def asked(text: str) -> list[str]:
    """Return what a text needs values for."""
    return [problem.found for problem in problems_of(lambda: import_policy(text))]


def test_each_job_has_its_own_variables() -> None:
    """A job's hide the document's, a step's hide the job's, and no job sees another's."""
    own = job("web", env="{REPO: web}") + job("cart", env="{REPO: cart}")
    assert lines(f"jobs:\n{own}") == tuple(USING.replace("$REPO", name) for name in ("web", "cart"))
    step = f"- run: {USING}\n        env: {{REPO: step}}"
    nested = job("a", env="{REPO: job}", steps=step) + job("b")
    assert lines(f"env: {{REPO: all}}\njobs:\n{nested}") == tuple(
        USING.replace("$REPO", name) for name in ("step", "all")
    )


@pytest.mark.parametrize("use", ["$REPO", "${{ env.REPO }}", "${REPO:-x}"])
def test_another_jobs_variable(use: str) -> None:
    """A value that stands in another job, or in another step, is none."""
    text = "jobs:\n" + job("a", env="{REPO: a}") + job("b", steps=f"- run: {USING}")
    assert asked(text) == ["'$REPO'"]
    step = f"- env: {{REPO: a}}\n        run: x\n      - run: acr purge -f {use}:x --ago 1d"
    if ":-" not in use:
        assert len(asked("jobs:\n" + job("a", steps=step))) == 1


@pytest.mark.parametrize(
    "writing",
    [
        'echo "REPO=b" >> $GITHUB_ENV',
        'echo "REPO=$(cat x)" >> "${GITHUB_ENV}"',
        "cat settings >> $GITHUB_ENV",
        "./settings.sh | tee -a $GITHUB_ENV",
        'F=$GITHUB_ENV; echo "REPO=b" >> $F',
        "Add-Content $env:GITHUB_ENV 'REPO=b'",
        "echo '##vso[task.setvariable variable=REPO]b'",
    ],
)
@pytest.mark.parametrize("use", ["$REPO", "${{ env.REPO }}", "${REPO:-z}"])
def test_what_a_step_writes_for_later_ones(writing: str, use: str) -> None:
    """It has to be given, also where the job sets it; other jobs see nothing of it."""
    run = f"- run: {json.dumps(writing)}\n      - run: acr purge -f {use}:x --ago 1d"
    text = "jobs:\n" + job("a", env="{REPO: a}", steps=run) + job("b", env="{REPO: b}")
    problems = problems_of(lambda: import_policy(text))
    assert len(problems) == 1
    assert problems[0].path == "jobs.a.steps[1].run, line 1"
    assert "a step writes it" in problems[0].expected or "env.REPO" in problems[0].expected


@pytest.mark.parametrize(
    "name", ["matrix.repo", "steps.list.outputs.repo", "needs.a.outputs.r", "inputs.repo"]
)
def test_what_only_a_run_knows(name: str) -> None:
    """Values of a matrix, of an earlier step or job, of whoever starts it: asked for."""
    run = f"acr purge -f ${{{{ {name} }}}}:x --ago 1d"
    text = (
        f"jobs:\n  a:\n    strategy: {{matrix: {{repo: [web]}}}}\n    steps: [{{run: '{run}'}}]\n"
    )
    (problem,) = problems_of(lambda: import_policy(text))
    assert f"--set {name}=..." in problem.expected
    assert import_policy(text, {name: "web"}).lines == ("acr purge -f web:x --ago 1d",)


@pytest.mark.parametrize("key", ["if", "condition", "enabled"])
@pytest.mark.parametrize("value", ["false", "'false'", "${{ false }}"])
def test_a_step_that_is_off(key: str, value: str) -> None:
    """What is literally off is left out, and told; alone it is no policy."""
    steps = f"steps:\n      - run: acr purge -f '.*:.*' --ago 0d\n        {key}: {value}\n"
    off = f"jobs:\n  a:\n    {steps}"
    imported = read(off + f"      - run: {LINE}\n")
    assert imported.lines == (LINE,)
    assert imported.notes == ("'jobs.a.steps[0]' is off, and left out",)
    (problem,) = problems_of(lambda: import_policy(off))
    assert problem.found == "no acr purge that runs ('jobs.a.steps[0]' is off)"


@pytest.mark.parametrize("ask", ["if: always()", "if: ${{ success() }}", "enabled: true"])
def test_a_step_that_is_on(ask: str) -> None:
    """What asks nothing is no condition."""
    assert lines(f"steps:\n  - run: {LINE}\n    {ask}\n") == (LINE,)


@pytest.mark.parametrize(
    "task",
    [
        f"steps:\n- cmd: {LINE}\n  when: [build]\n",
        f"steps:\n- cmd: {LINE}\n  if: x\n",
        "steps:\n- image: x.azurecr.io/acr:1\n  args: [purge, -f, 'a:b', --ago, 1d]\n  when: x\n",
    ],
)
def test_a_condition_inside_base64(task: str) -> None:
    """It is seen where the words of the line are not: in base64, and in arguments."""
    for text in (task, json.dumps({"step": {"encodedTaskContent": encoded(task)}})):
        found = problems_of(lambda text=text: import_policy(text))[0].found  # type: ignore[misc]
        assert found.startswith("a line that runs only under a condition (")
    outer = {"condition": "[parameters('x')]", "step": {"encodedTaskContent": encoded(task)}}
    outer["step"] = {"encodedTaskContent": encoded(f"steps:\n- cmd: {LINE}\n  when: ['-']\n")}
    found = problems_of(lambda: import_policy(json.dumps(outer)))[0].found
    assert found == "a line that runs only under a condition (condition: \"[parameters('x')]\")"
    del outer["condition"]
    assert lines(json.dumps(outer)) == (LINE,)


def nested(depth: int) -> str:
    """Write a task within tasks."""
    text = f"steps:\n- cmd: {LINE}\n"
    for _ in range(depth):
        text = json.dumps({"encodedTaskContent": encoded(text)})
    return text


def test_tasks_within_tasks() -> None:
    """They are followed twenty deep, and then refused with the place."""
    assert lines(nested(20)) == (LINE,)
    (problem,) = problems_of(lambda: import_policy(nested(21)))
    assert problem.found == "texts within texts, 21 deep"
    assert problem.path.startswith("encodedTaskContent, encodedTaskContent")
    twice = json.dumps({"encodedTaskContent": encoded(encoded(f"steps:\n- cmd: {LINE}\n"))})
    assert problems_of(lambda: import_policy(twice))[0].expected == "a document with steps"


@pytest.mark.parametrize(
    ("task", "on"),
    [
        ({"status": "Enabled", "trigger": {"timerTriggers": [{"status": "Disabled"}]}}, False),
        ({"status": "disabled"}, False),
        ({"isSystemTask": True}, False),
        ({"status": "[parameters('x')]"}, None),
        ({"status": "Enabled", "trigger": None, "isSystemTask": False}, True),
    ],
)
def test_what_azure_says_of_a_task(task: dict[str, object], on: bool | None) -> None:
    """A task that is off, or whose timers all are, is left out; what depends is refused."""
    step = {"encodedTaskContent": encoded(f"steps:\n- cmd: {LINE}\n")}
    problems = [] if on else problems_of(lambda: import_policy(json.dumps({"step": step, **task})))
    if on:
        assert lines(json.dumps({"step": step, **task})) == (LINE,)
    elif on is None:
        assert problems[0].found.startswith("a line that runs only under a condition (status: ")
    else:
        assert problems[0].found.startswith("no acr purge that runs")


def test_a_timer_that_is_off() -> None:
    """Its schedule is left out; values that the task is given by Azure hold in it alone."""
    cmd = "acr purge -f {{.Values.repo}}:b --ago 1d"
    text = json.dumps(
        {
            "step": {
                "encodedTaskContent": encoded(f"steps:\n- cmd: {cmd}\n"),
                "values": [{"name": "repo", "value": "shop", "isSecret": False}],
            },
            "trigger": {
                "timerTriggers": [
                    {"schedule": "0 1 * * *", "status": "Disabled"},
                    {"schedule": "0 2 * * *", "status": "Enabled"},
                ]
            },
        }
    )
    imported = read(text)
    assert imported.lines == ("acr purge -f shop:b --ago 1d",)
    assert imported.schedules == ("0 0 2 * * *",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            {"step": {"type": "FileTask", "taskFilePath": "p.yaml"}},
            (
                "no acr purge that runs (step.taskFilePath: the task's file 'p.yaml' is not read:"
                " import it by itself)"
            ),
        ),
        ({"cmd": ["acr", "purge", "-f", "a:b"]}, "nothing"),
        (
            {".base": {"script": [LINE]}, "on": {"extends": ".base"}},
            "a line in a hidden job (.base)",
        ),
        ({"on": {"<<": {"run": LINE}}}, "a merge key (<<)"),
        (
            {"suspend": "{{ x }}", "cmd": LINE},
            "a line that runs only under a condition (suspend: '{{ x }}')",
        ),
    ],
)
def test_what_is_not_followed(text: object, found: str) -> None:
    """It is named, and never taken for what it seems to be."""
    assert problems_of(lambda: import_policy(json.dumps(text)))[0].found == found


def test_what_kubernetes_puts_into_arguments() -> None:
    """Only $(NAME), from the container's own variables."""
    text = (
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: x/acr:1\n"
        "      env: [{name: REPO, value: shop}, {name: SECRET, valueFrom: {}}]\n"
        "      args: [purge, -f, '$(REPO):x', --ago, 1d]\n"
    )
    assert lines(text) == ("acr purge -f shop:x --ago 1d",)
    assert asked(text.replace("$(REPO)", "$REPO")) == ["'$REPO'"]
    assert asked(text.replace("$(REPO)", "$(SECRET)")) == ["'$(SECRET)'"]
