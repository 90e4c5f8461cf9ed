"""The summary that people read at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.manifest import Counts, Manifest

_STOPS = {
    "signal": "stopped by a signal",
    "time-budget": "time budget used up",
    "max-articles": "--max-articles reached",
}


def summary_lines(manifest: Manifest) -> Iterator[str]:
    """Yield the lines of the summary."""
    counts = manifest.counts
    seconds = (manifest.finished_at - manifest.started_at).total_seconds()
    stop = f", {_STOPS[manifest.stopped_by]}; resume with the same command" if manifest.stopped_by else ""
    yield f"run {manifest.run_id}: {duration(seconds)}{stop}"
    yield (
        f"  articles  {counts.n_read:,} read: {counts.n_articles:,} processed, "
        f"{counts.n_rejected:,} rejected, {counts.n_known:,} already known"
    )
    if counts.n_waited:
        yield f"  waited    {counts.n_waited:,} of them, for a model that is here now"
    yield from _copies(counts)
    if set(counts.encodings) - {"utf-8"}:
        yield f"  encodings {_listed(counts.encodings)}"
    if counts.n_units:
        memory = f", {counts.n_units_from_memory:,} from memory" if counts.n_units_from_memory else ""
        yield f"  units     {counts.n_units:,} ({_listed(counts.units)}){memory}"
    if over := _pivots(manifest):
        yield f"  routes    {over}"
    for name in ("notes", "flags", "retries", "edits"):
        if found := getattr(counts, name):
            yield f"  {name:<9} {_listed(found)}"
    if counts.rejects:
        yield f"  rejects   {_listed(counts.rejects)}; each is named in {manifest.out}/rejects"
    if counts.waiting:
        yield f"  waiting   {_listed(counts.waiting)}: no model for these pairs; the articles wait for one"
        yield from commands_for(counts.waiting)
    if manifest.model_set == "demo":
        yield "  models    demo: made for the samples, of no use for other text (README, “Real models”)"
    yield f"  output    {manifest.out}"


def _copies(counts: Counts) -> Iterator[str]:
    if counts.n_near_duplicates:
        n_left_out = counts.rejects.get("near-duplicate", 0)
        what = f"{n_left_out:,} of them left out" if n_left_out else "named in the column duplicate_of"
        yield f"  copies    {counts.n_near_duplicates:,} near-duplicates of other articles, {what}"


def commands_for(pairs: Iterable[str]) -> Iterator[str]:
    """Yield for each pair without a model the command that gets one, and under which licence."""
    from pipeline.models.catalog import command_for, recommended_for
    from pipeline.types import parse_pair

    for pair in pairs:
        entry = recommended_for(parse_pair(pair))
        if entry:
            yield f"  {pair:<9} {entry.title}, licence {entry.licence}; for others: newsmt models available {pair}"
        yield f"  {'' if entry else pair:<9} {command_for(parse_pair(pair))}"


def _pivots(manifest: Manifest) -> str:
    """Return the pairs of the run that went over a language in the middle, as in `hy-ru over en`."""
    routes = {pair: manifest.routes.get(pair, ()) for pair in manifest.counts.units}
    return ", ".join(
        f"{pair} over {labels[0].partition('@')[0].rpartition('_')[2]}" for pair, labels in routes.items() if labels[1:]
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def duration(seconds: float) -> str:
    """Return a duration for people, as in `3 min 20 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
