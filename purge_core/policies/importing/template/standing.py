"""Whether a block of Terraform or an object of Bicep is deployed: yes, no, or it depends."""

from collections.abc import Iterator, Mapping
from typing import Final

from purge_core.policies.importing.shell.flow import CONDITION
from purge_core.policies.importing.template.nodes import Fields, Name, Node, Text, Unclear, Word
from purge_core.policies.importing.template.plain import Plain
from purge_core.policies.importing.template.values import Known
from purge_core.policies.importing.tree.standing import KEYS, Depends, Off, standing
from purge_core.wording import shown

_TIMER: Final = "timer_trigger"
_STARTING: Final = ("base_image_trigger", "source_trigger")


def deployed(fields: Fields, known: Known) -> Off | Depends | None:
    """Judge a block by its own settings; ``None``: nothing stands against it."""
    every = [*_of_count(fields, known), *_of_task(fields, known)]
    if (by_keys := standing(_what_counts(fields, known))) is not None:
        every.append(by_keys)
    return next((each for each in every if isinstance(each, Off)), every[0] if every else None)


def _what_counts(fields: Fields, known: Known) -> Mapping[object, object]:
    plain = Plain(known, known.settled)
    every = [(entry.words[-1], entry.node) for entry in fields.entries]
    there = {key: True for key, _ in every if key in {"step", "schedule"}}
    return there | {key: plain.of(node) for key, node in every if key in KEYS}


def decided(node: Node, known: Known, why: str) -> Off | Depends | None:
    """Judge a condition by itself."""
    match known.settled(node):
        case "true":
            return None
        case "false":
            return Off()
        case _:
            return _depends(why, node)


def _depends(why: str, node: Node) -> Depends:
    """Say what it depends on: --set may settle it."""
    source = " ".join(_source(node).split())
    return Depends(f"{CONDITION} ({why}: {shown(source)})" if source else f"{CONDITION} ({why})")


def _source(node: Node) -> str:
    match node:
        case Text(text) | Word(text) | Name(text) | Unclear(text):
            return text
        case _:
            return ""


def _of_count(fields: Fields, known: Known) -> Iterator[Off | Depends]:
    for node in fields.all("count"):
        count = known.settled(node)
        if count == "0":
            yield Off()
        elif count is None or not count.isdecimal():
            yield _depends("count", node)
    for node in fields.all("for_each"):
        yield _depends("for_each", node)


def _of_task(fields: Fields, known: Known) -> Iterator[Off | Depends]:
    for node in fields.all("is_system_task"):
        settled = known.settled(node)
        if settled != "false":
            yield Off() if settled == "true" else _depends("is_system_task", node)
    if any(fields.all("dynamic", _TIMER)):
        yield Depends(f"{CONDITION} (dynamic {_TIMER})")
    timers = [_of_timer(node, known) for node in fields.all(_TIMER)]
    others = any(any(fields.all(name)) for name in _STARTING)
    if timers and not others and None not in timers:
        yield next((each for each in timers if isinstance(each, Depends)), Off())


def _of_timer(timer: Node, known: Known) -> Off | Depends | None:
    every = timer.all("enabled") if isinstance(timer, Fields) else iter(())
    judged = [decided(node, known, f"{_TIMER}.enabled") for node in every]
    return judged[-1] if judged else None
