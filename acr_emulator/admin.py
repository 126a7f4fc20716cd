"""Addresses below /_emulator/ that no registry has: tests see and steer the state there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from acr_emulator.clock import Clock
from acr_emulator.errors import RegistryAnswer, ScenarioError, invalid, unsupported
from acr_emulator.faults import Faults
from acr_emulator.hooks import Hooks
from acr_emulator.log import RequestLog
from acr_emulator.repository import Manifest, Repository
from acr_emulator.scenario import Scenario
from acr_emulator.scenario.document import FaultPart, Part
from acr_emulator.scenario.events import make_fault
from acr_emulator.scenario.words import Age, Time
from acr_emulator.state import Registry
from acr_emulator.times import TICKS_PER_SECOND, format_time
from acr_emulator.usage import usage
from acr_emulator.wire.call import Reply, error_reply, json_reply
from acr_emulator.wire.tokens import Tokens

PREFIX: Final = "/_emulator/"

Action = Callable[[], dict[str, object] | None]


class ClockPart(Part):
    """What to do to the clock, in this order."""

    now: Time | None = None
    advance: Age | None = None
    running: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """Sees and steers one emulator. Its requests are not logged, counted, delayed or spoilt."""

    registry: Registry
    hooks: Hooks
    faults: Faults
    log: RequestLog
    tokens: Tokens

    def answer(self, *, method: str, raw_url: str, body: bytes) -> Reply:
        """The answer to a request below PREFIX."""
        path, _, query = raw_url.partition("?")
        actions: dict[tuple[str, str], Action] = {
            ("GET", "state"): lambda: state_json(self.registry),
            ("GET", "usage"): lambda: usage(self.registry).wire(),
            ("GET", "requests"): lambda: self._requests(entries="entries" in query.split("&")),
            ("DELETE", "requests"): self.log.reset,
            ("GET", "clock"): lambda: clock_json(self.registry.clock),
            ("PUT", "clock"): lambda: self._set_clock(body),
            ("POST", "faults"): lambda: self._add_faults(body),
            ("DELETE", "faults"): self.faults.clear,
            ("DELETE", "hooks"): self.hooks.clear,
            ("DELETE", "tokens"): self.tokens.revoke_all,
            ("POST", "scenario"): lambda: self._seed(body),
        }
        action = actions.get((method, path.removeprefix(PREFIX)))
        try:
            if action is None:
                raise unsupported()
            return json_reply(200, action() or {})
        except RegistryAnswer as answer:
            return error_reply(answer)
        except (ScenarioError, ValidationError) as error:
            return error_reply(invalid("INVALID", str(error)))

    def _requests(self, *, entries: bool) -> dict[str, object]:
        summary = self.log.summary()
        if entries:
            summary["entries"] = [entry.wire() for entry in self.log.entries]
        return summary

    def _set_clock(self, body: bytes) -> dict[str, object]:
        part = ClockPart.model_validate_json(body)
        clock = self.registry.clock
        if part.now is not None:
            clock.set(part.now)
        if part.advance is not None:
            clock.advance(part.advance / TICKS_PER_SECOND)
        if part.running is not None:
            clock.run() if part.running else clock.stop()
        return clock_json(clock)

    def _add_faults(self, body: bytes) -> None:
        for part in TypeAdapter(list[FaultPart]).validate_json(body):
            self.faults.add(make_fault(part))

    def _seed(self, body: bytes) -> None:
        scenario = Scenario.parse(body.decode("utf-8", "replace"))
        scenario.seed(self.registry, hooks=self.hooks, faults=self.faults)


def clock_json(clock: Clock) -> dict[str, object]:
    """The clock."""
    return {"now": format_time(clock.now), "running": clock.running}


def state_json(registry: Registry) -> dict[str, object]:
    """Everything, as it is and not as the registry would show it."""
    places = sorted(registry.repositories.items())
    return {"repositories": {name: _repository_json(place) for name, place in places}}


def _repository_json(place: Repository) -> dict[str, object]:
    tags = {
        name: {
            "digest": tag.digest,
            "createdTime": format_time(tag.created),
            "lastUpdateTime": format_time(tag.updated),
            "changeableAttributes": tag.attributes.wire(),
        }
        for name, tag in sorted(place.tags.items())
    }
    manifests = {digest: _manifest_json(it) for digest, it in sorted(place.manifests.items())}
    attributes = place.attributes.wire()
    return {"changeableAttributes": attributes, "tags": tags, "manifests": manifests}


def _manifest_json(manifest: Manifest) -> dict[str, object]:
    return {
        "mediaType": manifest.media_type,
        "imageSize": manifest.size,
        "createdTime": format_time(manifest.created),
        "lastUpdateTime": format_time(manifest.updated),
        "tags": sorted(manifest.tags),
        "subject": manifest.subject,
        "children": [child.digest for child in manifest.facts.children],
        "changeableAttributes": manifest.attributes.wire(),
    }
