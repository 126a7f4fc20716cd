"""Values for the pages of a repository and an image: steps, what stays, history."""

from collections.abc import Sequence

from purge_core.instants import DAY, Instant, Span
from purge_core.judgement.decision import Delete, Keep
from purge_core.judgement.guards import ShareExceeded
from purge_core.judgement.reasons import (
    LastTagGoes,
    Newest,
    Protected,
    Selected,
    SubjectGoes,
    Tagged,
    Young,
)
from purge_core.model import OPEN, Lock, Manifest, RepositoryName, Tag, TagName
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.plans.steps import ManifestStep
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import (
    ImageNow,
    ImageReport,
    LastVerdict,
    Reading,
    RelatedImage,
    Relation,
    RepositoryReport,
    TagPoint,
)
from purge_core.records.step_records import (
    HistoryRecord,
    ItemKind,
    Kept,
    KeptManifest,
    KeptTag,
    Pending,
    Status,
    StepRecord,
)
from purge_core.records.store_records import (
    Trigger,
)
from tests.builders import NOW
from tests.pages.values import MIB, digest, repository, run, some_repositories


def step(number: int, name: str, status: Status = Outcome.DELETED, detail: str = "") -> StepRecord:
    """Return the step of an image with one tag."""
    made = Instant(NOW - (40 + 3 * number) * DAY)
    why = Selected("pull requests", made, Span(3 * DAY), 12, 10)
    listed = Manifest(digest(number), "application/vnd.oci.image.manifest.v1+json", made)
    return StepRecord(
        index=number,
        stage=0,
        step=ManifestStep(digest(number), (TagName(name),), made, OPEN),
        tags=(GoingTag(TagName(name), (why,)),),
        manifest=GoingManifest(listed, (LastTagGoes((TagName(name),), made, Span(7 * DAY)),)),
        bytes=740 * MIB,
        status=status,
        detail=detail,
        opened=NOW,
        closed=None if isinstance(status, Pending) else NOW,
    )


def history(number: int, name: str) -> HistoryRecord:
    """Return what a run did to a tag, so many nights ago."""
    at = Instant(NOW - number * DAY)
    return HistoryRecord(
        registry="contoso.azurecr.io",
        repository=RepositoryName("team/checkout"),
        kind=ItemKind.TAG,
        name=name,
        digest=digest(number),
        outcome=Outcome.DELETED,
        detail="",
        at=at,
        run=run(back=number).id,
        step=number,
        trigger=Trigger.TIMER,
        policy_name="purge-policy.yaml",
        rules=("pull requests",),
        reasons=(Selected("pull requests", Instant(at - 5 * DAY), Span(3 * DAY), 0, 0),),
        bytes=740 * MIB,
    )


def kept() -> tuple[Kept, ...]:
    """Return what stays, for one reason and for several."""
    young = Young("releases", Instant(NOW - 4 * DAY), Span(30 * DAY))
    return (
        *(
            KeptTag(TagName(f"v1.{n}.0"), (Newest("releases", n, 10),), Instant(NOW - 9 * n * DAY))
            for n in range(10)
        ),
        KeptTag(TagName("latest"), (Protected("latest|stable"), young), Instant(NOW - DAY)),
        KeptTag(TagName("v2.0.0-rc1"), (young,), Instant(NOW - 4 * DAY)),
        KeptManifest(digest(77), (Protected("latest|stable"),)),
    )


def repository_report(
    name: str = "team/checkout", tags: Sequence[str] = (), state: Outcome = Outcome.FAILED
) -> RepositoryReport:
    """Return a repository of a run in which something went and something did not."""
    names = tags or tuple(f"pr-{n}" for n in range(24))
    steps = [step(n, each) for n, each in enumerate(names)]
    steps[1] = step(1, names[1], state, "HTTP 503 after 6 attempts: try\nagain")
    stays = kept()
    points = [TagPoint(e.tags[0].name, e.step.updated, e.status) for e in steps]
    points += [
        TagPoint(each.name, each.updated, None)
        for each in stays
        if isinstance(each, KeptTag) and each.updated is not None
    ]
    return RepositoryReport(
        now=NOW,
        run=run(repositories=some_repositories()),
        record=repository(name, number=24),
        steps=tuple(steps),
        kept=stays,
        next="kept,7",
        points=tuple(points),
        points_cut=True,
        history=tuple(history(n, each) for n, each in enumerate(names)),
    )


def image_report(
    name: str = "team/checkout", tag: str = "v1.4.2", reading: Reading = Reading.READ
) -> ImageReport:
    """Return a tag that stays for a while, on an image that has much to do with others."""
    young = Keep((Young("releases", Instant(NOW - 4 * DAY), Span(30 * DAY)),))
    listed = Manifest(
        digest(5),
        "application/vnd.oci.image.index.v1+json",
        Instant(NOW - 4 * DAY),
        (TagName(tag), TagName("latest")),
        Lock(write_enabled=False),
        740 * MIB,
        "linux/amd64",
    )
    tagged = Keep((Tagged((TagName(tag),)), Protected("latest|stable")))
    now = ImageNow(
        Tag(TagName(tag), digest(5), Instant(NOW - 4 * DAY)),
        young,
        listed,
        tagged,
        ((TagName(tag), young), (TagName("latest"), tagged)),
        (
            RelatedImage(Relation.CHILD, digest(6), tagged),
            RelatedImage(Relation.CHILD, digest(7), None),
            RelatedImage(Relation.REFERRER, digest(8), Delete((SubjectGoes(digest(5)),))),
        ),
        (ShareExceeded(RepositoryName(name), "tags", 95, 100, 0.9),),
    )
    read = reading is Reading.READ
    return ImageReport(
        now=NOW,
        registry="contoso.azurecr.io",
        repository=RepositoryName(name),
        tag=TagName(tag),
        digest=None,
        reading=reading,
        image=now if read else None,
        trouble="HTTP 403: denied" if reading is Reading.UNREACHABLE else None,
        last=None if read else LastVerdict(run(), step(3, tag)),
        history=tuple(history(n, tag) for n in (2, 40)),
        more=True,
    )
