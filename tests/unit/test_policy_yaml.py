"""YAML and JSON as values: what is read, what is refused, and where."""

import json

import pytest

from purge_core.policies.yaml_text import MAX_CHARACTERS, MAX_DEPTH, read_yaml, step, write_yaml
from tests.unit.acr import problems_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 3d", {"a": "3d"}),
        ("a: 'x'\nb: \"7\"", {"a": "x", "b": "7"}),
        ("a: 7\nb: -7\nc: 0\nd: -0", {"a": 7, "b": -7, "c": 0, "d": 0}),
        ("[0.5, 1e3, -2.5E-1, 1.0]", [0.5, 1000.0, -0.25, 1.0]),
        ("[true, True, FALSE, null, ~, Null]", [True, True, False, None, None, None]),
        ("a:\nb:", {"a": None, "b": None}),
        ("[yes, no, on, off, y]", ["yes", "no", "on", "off", "y"]),
        ("[007, 0x10, 0o17, 1_0, +7, 1:30]", ["007", "0x10", "0o17", "1_0", "+7", "1:30"]),
        ("[.nan, .inf, -.inf, .5, 5., 00.5]", [".nan", ".inf", "-.inf", ".5", "5.", "00.5"]),
        ("[2024-01-01, 9999999999999999999]", ["2024-01-01", "9999999999999999999"]),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: {<<: {b: 1}}", {"a": {"<<": {"b": 1}}}),
        ("7: a\ntrue: b", {"7": "a", "true": "b"}),
        ("- &x [1]\n- *x", [[1], [1]]),
        ("x", "x"),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ("a: '\u0667'", {"a": "\u0667"}),
        ("[\u0667]", ["\u0667"]),
    ],
)
def test_reads(text: str, value: object) -> None:
    """Only what plainly is a number, a truth value or null is one; the rest is text."""
    read = read_yaml(text).value
    assert read == value
    assert repr(read) == repr(value)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_reads_json(indent: int | str | None) -> None:
    """JSON is read as it is, with its escapes and however it is indented."""
    value = {"a": ['\U0001f680/\\"\n\u00e9', 1, 0.5, True, None], "b": {"c": []}, "d": {}}
    assert read_yaml(json.dumps(value, indent=indent)).value == value


def test_lines() -> None:
    """Every path has the line on which its value begins."""
    lines = read_yaml("a: 1\nb:\n  - c: 2\n    'd e': 3\n").lines
    assert lines == {"": 1, "a": 1, "b": 3, "b[0]": 3, "b[0].c": 3, "b[0].'d e'": 4}


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("", "document", "nothing"),
        ("# only a comment", "document", "nothing"),
        ("a: 1\na: 2", "a", "the same key again (line 2)"),
        ("r:\n- {n: 1, 'n': 2}", "r[0].n", "the same key again (line 2)"),
        ("a: !!int 7", "a", "the tag 'tag:yaml.org,2002:int' (line 1)"),
        ("a: !!python/object:os.system x", "a", "the tag 'tag:yaml.org,2002:python/object:os.sy"),
        ("a: !x {}", "a", "the tag '!x' (line 1)"),
        ("[a, b]: 1", "document", "a key that is not a text (line 1)"),
        ("a:\n  ? {b: 1}\n  : 2", "a", "a key that is not a text (line 2)"),
        ("- &x a\n- *x : 1", "[1]", "a key that is not a text (line 2)"),
        ("a: *x", "a", "*x (line 1)"),
        ("a: &x [*x]", "a[0]", "*x (line 1)"),
        ("a: 1\n---\nb: 2", "document", "a second document (---) (line 2)"),
        ("%YAML 1.1\n---\na: 1", "document", "a directive (line 2)"),
        ("a: [1", "line 1, column 6", "no YAML ("),
        ("a: b: c", "line 1, column 5", "no YAML (mapping values are not allowed here)"),
        ("\ta: 1", "line 1, column 1", "no YAML ("),
        ("a: 'x", "line 1, column 6", "no YAML ("),
        ("a: \x00", "document", "no YAML (unacceptable character"),
        ("a: \ud800", "document", "no YAML ("),
        ('"\\UFFFFFFFF"', "document", "no YAML ("),
        ("x" * (MAX_CHARACTERS + 1), "document", "262145 characters"),
        ("[" * (MAX_DEPTH + 1), "document", "more than 20 levels"),
        ("[" * 200_000, "document", "more than 20 levels"),
        ("a: 1\n" * 10_001, "document", "more than 20000 values"),
    ],
)
def test_refuses(text: str, path: str, found: str) -> None:
    """What is no document, or more than a document needs, is a problem with its place."""
    problem = problems_of(lambda: read_yaml(text))[-1]
    assert problem.path == path
    assert problem.found.startswith(found)


def test_an_alias_bomb_is_stopped() -> None:
    """Aliases of aliases count as often as they repeat their values."""
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (problem,) = problems_of(lambda: read_yaml("\n".join(lines)))
    assert problem.found == "more than 20000 values"


def test_all_problems_at_once() -> None:
    """Problems are gathered, and a syntax error comes last."""
    problems = problems_of(lambda: read_yaml("a: 1\na: !t 2\nb: *x\nc: ]"))
    assert [problem.path for problem in problems] == ["a", "a", "b", "line 4, column 4"]


def test_the_deepest_document_is_read() -> None:
    """Levels up to the limit are read."""
    read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ("", "rules", "rules"),
        ("rules", 1, "rules[1]"),
        ("rules[1]", "tags", "rules[1].tags"),
        ("a", "b.c", "a.'b.c'"),
        ("", "x" * 61, repr("x" * 61)),
        ("", "\n", r"'\n'"),
    ],
)
def test_step(path: str, key: str | int, expected: str) -> None:
    """Paths read like the document; odd keys are quoted."""
    assert step(path, key) == expected


def test_writes() -> None:
    """Comments come first, keys keep their order, null is a word, long lines stay whole."""
    value = {"b": [{"x": "*", "y": None}], "a": "word " * 60 + "end"}
    text = write_yaml(value, ["first", "second"])
    assert text == ("# first\n# second\nb:\n  - x: '*'\n    y: null\na: " + "word " * 60 + "end\n")
