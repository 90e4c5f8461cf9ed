"""What `newsmt stats` shows to people of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.tables import Listing, decimal, make_listing

if TYPE_CHECKING:
    from pipeline.stats.distribution import Bin, Distribution
    from pipeline.stats.flags import Flags
    from pipeline.stats.frequent import FrequentWord
    from pipeline.stats.keywords import KeywordsOfPart
    from pipeline.stats.overview import Figures, Overview
    from pipeline.stats.spread import Lengths, Quality
    from pipeline.stats.statistics import Statistics

Content = Sequence[Listing | str]
"""A section: a heading where it needs one, and a table."""

NO_NAME = "(none)"
_MAX_ROWS = 40
_BAR_WIDTH = 30
_EIGHTHS = " ▏▎▍▌▋▊▉"
_FIGURES = ("articles>", "units>", "sentences>", "source words>", "types3>", "target words>", "types4>")
_QUANTILES = ("mean>", "least>", "5%3>", "25%2>", "median>", "75%2>", "95%3>", "most>")


def tables_of(found: Statistics) -> Iterator[Content]:
    """Yield the sections of a corpus that were computed."""
    if found.overview is not None:
        yield from _overview(found.overview)
    if found.lengths is not None:
        yield from _lengths(found.lengths)
    if found.quality is not None:
        yield from _quality(found.quality)
    if found.flags is not None:
        yield [_flags(found.flags)]
    for lang, words in (found.words or {}).items():
        yield [_words(lang, words)]
    if found.keywords is not None:
        yield from _keywords(found.keywords)


def name_of(name: str | None) -> str:
    """Return the name of a publisher as a terminal may show it."""
    from pipeline.visible import visible

    return NO_NAME if name is None else visible(name)


def bar(share: float, width: int = _BAR_WIDTH) -> str:
    """Return a bar as long as `share`, 0 to 1, of `width` characters."""
    n_eighths = round(share * width * 8)
    return "█" * (n_eighths // 8) + _EIGHTHS[n_eighths % 8].strip()


def cut_rows(listing: Listing, what: str) -> Content:
    """Return a table, without its last rows where it is long, and how many are left out."""
    n_more = len(listing.rows) - _MAX_ROWS
    if n_more <= 0:
        return [listing]
    del listing.rows[_MAX_ROWS:]
    return [listing, f"… and {n_more:,} more {what}; --json has all"]


def _overview(found: Overview) -> Iterator[Content]:
    for dimension, parts in found.by.items():
        listing = make_listing(dimension, *_FIGURES)
        rows = list(parts.items())
        if dimension == "publisher":
            rows.sort(key=lambda row: -row[1].n_units)
        for name, figures in rows:
            listing.add(name_of(name), *_figures(figures))
        if dimension == "language":
            listing.add("all", *_figures(found.total))
        yield cut_rows(listing, f"{dimension}s")


def _figures(one: Figures) -> Iterator[str]:
    counts = (
        one.n_articles,
        one.n_units,
        one.n_sentences,
        one.n_source_words,
        one.n_source_types,
        one.n_target_words,
        one.n_target_types,
    )
    return (f"{count:,}" for count in counts)


def _lengths(found: Lengths) -> Iterator[Content]:
    listing = make_listing("words of a", "in", "texts>", *_QUANTILES)
    for (lang, side), one in found.words.items():
        listing.add(side, lang, f"{one.n:,}", *_quantiles(one, 0))
    yield [listing]
    yield [_ratio_listing(found.ratio_by_pair, found.ratio)]
    yield ["target words per source word", _histogram(found.ratio, 2)]


def _ratio_listing(by_pair: Mapping[str, Distribution], total: Distribution) -> Listing:
    listing = make_listing("target/source", "units>", *_QUANTILES)
    for pair, one in _with_total(by_pair, total):
        listing.add(pair, f"{one.n:,}", *_quantiles(one, 2))
    return listing


def _quality(found: Quality) -> Iterator[Content]:
    listing = make_listing("quality", "units>", *_QUANTILES)
    for pair, one in _with_total(found.by_pair, found.total):
        listing.add(pair, f"{one.n:,}", *_quantiles(one, 3))
    note = [f"{found.n_without:,} units have no quality: nothing was translated"] if found.n_without else []
    yield [listing, *note]
    yield ["quality of all units", _histogram(found.total, 1)]


def _with_total(by_pair: Mapping[str, Distribution], total: Distribution) -> Iterable[tuple[str, Distribution]]:
    yield from by_pair.items()
    if len(by_pair) > 1:
        yield "all", total


def _quantiles(one: Distribution, digits: int) -> Iterator[str]:
    yield decimal(one.mean, digits or 1)
    for value in one.quantiles:
        yield decimal(value, digits)


def _histogram(found: Distribution, digits: int) -> Listing:
    """Return a row for each bar, without empty ones at both ends."""
    listing = make_listing("from>", "to>", "units>", "share>", "")
    filled = [number for number, one in enumerate(found.histogram) if one.n]
    shown: Sequence[Bin] = found.histogram[filled[0] : filled[-1] + 1] if filled else ()
    longest = max((one.n for one in shown), default=1)
    for one in shown:
        share = one.n / found.n
        listing.add(
            decimal(one.first, digits), decimal(one.end, digits), f"{one.n:,}", f"{share:.1%}", bar(one.n / longest)
        )
    return listing


def _flags(found: Flags) -> Listing:
    pairs = list(found.by_pair)
    listing = make_listing("flag", "units>", "per thousand>", *(f"{pair}2>" for pair in pairs if len(pairs) > 1))
    for flag, n in found.total.counts.items():
        rates = (decimal(found.by_pair[pair].per_thousand(flag), 1) for pair in pairs if len(pairs) > 1)
        listing.add(name_of(flag), f"{n:,}", decimal(found.total.per_thousand(flag), 1), *rates)
    total = found.total
    unflagged = (one.n_units - one.n_flagged for one in found.by_pair.values() if len(pairs) > 1)
    rates = (decimal(1000 * n / found.by_pair[pair].n_units, 1) for pair, n in zip(pairs, unflagged, strict=False))
    n_none = total.n_units - total.n_flagged
    listing.add("(no flag)", f"{n_none:,}", decimal(1000 * n_none / total.n_units, 1), *rates)
    return listing


def _words(lang: str, words: Sequence[FrequentWord]) -> Listing:
    listing = make_listing(f"words of {lang}", "n>", "in sources3>", "in targets3>", "per million>", "")
    for one in words:
        listing.add(
            one.word,
            f"{one.n:,}",
            f"{one.n_source:,}",
            f"{one.n_target:,}",
            decimal(one.per_million, 1),
            bar(one.n / words[0].n),
        )
    return listing


def _keywords(parts: Sequence[KeywordsOfPart]) -> Iterator[Content]:
    if not parts:
        yield ["no key words: nothing is clearly more frequent here than elsewhere"]
    for part in parts:
        of = part.language if part.name is None else f"{part.language}, {name_of(part.name)}"
        listing = make_listing(
            f"key words of {of}", "n>", "elsewhere>", "per million3>", "elsewhere4>", "G²>", "log ratio>"
        )
        for one in part.words:
            listing.add(
                one.word,
                f"{one.n:,}",
                f"{one.n_others:,}",
                decimal(one.per_million, 1),
                decimal(one.per_million_others, 1),
                decimal(one.g2, 1),
                decimal(one.log_ratio, 2),
            )
        yield [listing]
