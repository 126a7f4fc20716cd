"""What a run frees exactly, in words: only where that was counted, and only what is known."""

from collections.abc import Iterator

from purge_core.records.results import RunResult
from purge_core.report.text import count, paragraph, size


def exact_lines(run: RunResult) -> Iterator[str]:
    """Say what is freed, blob by blob; nothing where it was not asked for."""
    if run.exact is None:
        return
    looked = f"{count(run.exact.manifests, 'manifest')} looked at"
    if run.exact.bytes is not None:
        text = f"Exactly {size(run.exact.bytes)}: what nothing in the registry needs any more"
        yield from paragraph(f"{text} ({looked}).")
    elif run.exact.unread:
        text = f"{run.exact.unread:,} of the manifests or repositories could not be read"
        yield from paragraph(f"How much exactly is not known: {text} ({looked}).")
    else:
        yield from paragraph("How much exactly is not known: a size is told nowhere.")
