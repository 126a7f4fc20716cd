"""Rules of alerts: their queries ask for what the code logs, in windows that Azure takes."""

import re
from collections.abc import Iterator

from infra_check.deployed import Resource
from infra_check.rules import Complaint, Rule, Trial

KIND = "Microsoft.Insights/scheduledQueryRules"
_MINUTES = ("PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M")
_HOURS = ("PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H")
_FREQUENCIES = (*_MINUTES, *_HOURS, "P1D")
_WINDOWS = (*_FREQUENCIES, "P2D")
"""Source: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule"""
_TWO_DAYS = 48
MEMBERS = {"run", "registry", "trigger", "mode", "state", "troubled"}
"""What purge_core.service.lines writes; a test holds it to this."""
_COLUMNS = {"AppTraces": {"TimeGenerated", "Message"}, "AppRequests": {"TimeGenerated", "Name"}}
_WORDS = {
    *("and", "by", "extend", "in", "or", "startswith", "summarize", "where"),
    *("ago", "count", "countif", "dcount", "indexof", "min", "parse_json"),
    *("strlen", "substring", "toint", "tostring"),
}
SORTS = {"missing", "endless", "troubled", "poison"}
STATES = {"planned", "held", "done", "failed"}


def queries(trial: Trial) -> Iterator[Complaint]:
    """Hold each query to the names of the code, and its result to the measure."""
    for alert in trial.deployed.of(KIND):
        query = query_of(alert)
        measure = _criterion(alert).get("metricMeasureColumn")
        if not re.search(rf"\| summarize {measure} = \w+\([^|]*\)\s*$", query):
            yield alert, f"the query does not end with one row that has {measure!r}"
        elif " by " in query.strip().splitlines()[-1]:
            yield alert, "the query does not end with one row: where there is nothing, it has none"
        named = set(re.findall(r'(?:startswith |strlen\()"([^"]*)"', query))
        wanted = {f"{event} " for event in _events(trial, _sort(alert))}
        if named != wanted:
            yield alert, f"the query asks for {sorted(named)} and not for {sorted(wanted)}"
        yield from ((alert, complaint) for complaint in _unknown(trial, query))


def _events(trial: Trial, sort: str) -> set[str]:
    """Name the lines of the log that an alert counts."""
    both = {trial.code.began, trial.code.ended}
    events = {"missing": {trial.code.began}, "endless": both, "troubled": {trial.code.ended}}
    return events.get(sort, set())


def _unknown(trial: Trial, query: str) -> Iterator[str]:
    """Find members, states and functions that the code does not have."""
    for name in set(re.findall(r"\brun\.(\w+)", query)) - MEMBERS:
        yield f"the code logs no {name!r}"
    for text in re.findall(r"in \(([^)]*)\)", query):
        for state in set(re.findall(r'"(\w+)"', text)) - STATES:
            yield f"a run never is {state!r}"
    for name in re.findall(r'Name == "(\w+)"', query):
        if not trial.code.triggers.get(name, "").endswith("-poison"):
            yield f"no function {name!r} looks at poison messages"


def windows(trial: Trial) -> Iterator[Complaint]:
    """Hold windows and frequencies to the sizes that there are, and to what the query counts."""
    for alert in trial.deployed.of(KIND):
        window, often = (
            alert.at("properties.windowSize"),
            alert.at("properties.evaluationFrequency"),
        )
        if window not in _WINDOWS:
            yield alert, f"windowSize {window} is none that Azure takes"
        if often not in _FREQUENCIES:
            yield alert, f"evaluationFrequency {often} is none that Azure takes"
        if {window, often} <= set(_WINDOWS) and _WINDOWS.index(window) < _WINDOWS.index(often):
            yield alert, "what happens between two windows is never asked for"
        hours = re.findall(r"ago\((\d+)h\)", query_of(alert))
        if hours and (int(hours[0]) > _TWO_DAYS or window != "P2D"):
            yield alert, "the query looks further back than the window"


def fires(trial: Trial) -> Iterator[Complaint]:
    """Let each alert but the one of the missing night fire at the first that it finds."""
    for alert in trial.deployed.of(KIND):
        if _sort(alert) == "missing":
            continue
        criterion = _criterion(alert)
        if (criterion.get("operator"), criterion.get("threshold")) != ("GreaterThan", 0):
            yield alert, "the alert does not fire at the first that it finds"
        if alert.at("properties.enabled") is not True:
            yield alert, "the alert is off"


def at_once(trial: Trial) -> Iterator[Complaint]:
    """Let each alert look at the number in its one row, and tell of it the first time."""
    for alert in trial.deployed.of(KIND):
        criterion = _criterion(alert)
        if criterion.get("timeAggregation") != "Total":
            yield alert, "timeAggregation is not Total: it would count rows, of which there is one"
        once = {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}
        if criterion.get("failingPeriods") != once or alert.at("properties.muteActionsDuration"):
            yield alert, "the alert waits, or is silent for a while"


def words(trial: Trial) -> Iterator[Complaint]:
    """Hold queries to tables and columns that there are, and to words that are known to work.

    Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
    """
    for alert in trial.deployed.of(KIND):
        table, _, rest = query_of(alert).partition("\n")
        text = re.sub('"[^"]*"', "", rest)
        made = set(re.findall(r"(\w+) =(?!=)", text))
        known = _WORDS | MEMBERS | made | _COLUMNS.get(table, set())
        for word in sorted(set(re.findall(r"\b[A-Za-z_]\w*", text)) - known):
            yield alert, f"there is no {word!r} in {table}"


def all_sorts(trial: Trial) -> Iterator[Complaint]:
    """There is an alert for no run, for one without end, for a bad one, and for poison."""
    found = {_sort(alert): alert for alert in trial.deployed.of(KIND)}
    for sort in SORTS - found.keys():
        yield None, f"there is no alert of the sort {sort!r}"
    missing = found.get("missing")
    if missing is not None:
        wanted = len(trial.scenario.plain) + len(trial.scenario.abac)
        if (_criterion(missing).get("operator"), _criterion(missing).get("threshold")) != (
            "LessThan",
            wanted,
        ):
            yield missing, f"the alert does not wait for a run of each of {wanted} registries"
        expected = trial.scenario.nightly and not trial.scenario.paused
        if missing.at("properties.enabled") is not expected:
            yield missing, "the alert is on although nobody expects a run each night, or off"
    workspaces = [each.id for each in trial.deployed.of("Microsoft.OperationalInsights/workspaces")]
    for alert in found.values():
        if alert.at("properties.scopes") != workspaces:
            yield alert, "the alert looks into another workspace"
        groups = [group.id for group in trial.deployed.of("Microsoft.Insights/actionGroups")]
        if alert.at("properties.actions.actionGroups") != groups:
            yield alert, "the alert tells others than it was asked to"


def _sort(alert: Resource) -> str:
    query = query_of(alert)
    if "ago(26h)" in query:
        return "missing" if '"timer"' in query else "endless"
    return "poison" if "AppRequests" in query else "troubled"


def query_of(alert: Resource) -> str:
    """Give the query of an alert."""
    return str(_criterion(alert).get("query", ""))


def _criterion(alert: Resource) -> dict[str, object]:
    listed = alert.at("properties.criteria.allOf")
    return dict(listed[0]) if isinstance(listed, list) and listed else {}


RULES: tuple[Rule, ...] = (queries, words, windows, fires, at_once, all_sorts)
