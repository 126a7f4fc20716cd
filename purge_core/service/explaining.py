"""Why something stays or goes by the deployed policy, read from the registry now."""

from dataclasses import replace

from purge_core.explaining import Subject, judge
from purge_core.instants import Instant
from purge_core.model import Digest
from purge_core.planning import RunOrder
from purge_core.records.journal import RunId
from purge_core.report.explain import Explanation, explain_image, explain_tag
from purge_core.service.ports import Service


async def explain(
    service: Service, registry: str, subject: Subject, at: Instant | None = None
) -> Explanation:
    """Explain one tag or one image; nothing is found of what does not exist.

    ``at``: as of a later time, as if nothing were pushed until then.

    Raises:
        NotFound: the repository does not exist.
        RegistryError: the registry could not be read.
        SnapshotIncomplete: an index could not be read, so a purge would refuse.
        PolicyError: a pattern exceeded its time limit.
        UseUnknown: it is not known what is in use.

    """
    options, now = service.options, at or service.clock()
    used = await service.read_used(options.policy, registry)
    order = RunOrder(
        RunId(""), registry, options.policy, now, concurrency=options.concurrency, used=used
    )
    async with service.connect(registry) as reader:
        judged = await judge(reader, order, subject)
    facts = (judged.snapshot, judged.decisions, now)
    if subject.tag is not None:
        explanation = explain_tag(*facts, subject.tag)
    else:
        explanation = explain_image(*facts, subject.digest or Digest(""))
    return replace(explanation, refusals=judged.refusals)
