"""What `newsmt stats --word` shows to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.stats_tables import Content, bar, cut_rows, name_of
from pipeline.cli.tables import Listing, decimal, make_listing

if TYPE_CHECKING:
    from pipeline.stats.collocates import Collocate, Collocates
    from pipeline.stats.profile import Frequency
    from pipeline.stats.statistics import WordProfile
    from pipeline.stats.translations import PairTranslations

_FEW_UNITS = 1000


def profile_tables(profile: WordProfile) -> Iterator[Content]:
    """Yield what was computed of a word."""
    if profile.language is None or profile.language not in profile.languages:
        yield _absence(profile)
        return
    yield _head(profile)
    if profile.frequency is not None:
        yield cut_rows(_frequencies("month", profile.frequency.by_month), "months")
        by_rate = sorted(profile.frequency.by_publisher.items(), key=lambda item: -item[1].per_million)
        yield cut_rows(_frequencies("publisher", dict(by_rate)), "publishers")
    if profile.collocates is not None:
        yield from _collocates(profile.collocates)
    for one in profile.translations or ():
        yield _translations(profile.word, one)


def _absence(profile: WordProfile) -> Content:
    where = f" in {profile.language}" if profile.language else ""
    others = ", ".join(f"{lang} ({n:,})" for lang, n in profile.languages.items())
    return [f"{profile.word}: not in these units{where}" + (f", but in {others}" if others else "")]


def _head(profile: WordProfile) -> Content:
    found = profile.languages[profile.language or ""]
    line = f"{profile.word} ({profile.language}): {found:,} times"
    if profile.frequency is not None:
        total = profile.frequency.total
        line += f", {total.n_source:,} in sources, {total.n_target:,} in targets"
        line += f"; {total.per_million:,.1f} per million words"
    others = ", ".join(f"{lang} ({n:,})" for lang, n in profile.languages.items() if lang != profile.language)
    return [line, *([f"also in {others}; --lang chooses"] if others else [])]


def _frequencies(name: str, found: Mapping[str | None, Frequency]) -> Listing:
    listing = make_listing(name, "n>", "in sources3>", "in targets3>", "per million>", "")
    longest = max((one.per_million for one in found.values()), default=0) or 1
    for key, one in found.items():
        listing.add(
            name_of(key),
            f"{one.n:,}",
            f"{one.n_source:,}",
            f"{one.n_target:,}",
            decimal(one.per_million, 1),
            bar(one.per_million / longest),
        )
    return listing


def _collocates(found: Collocates) -> Iterator[Content]:
    if not found.by_g2:
        yield [f"no collocates within {found.window} words: nothing is there clearly more often than by chance"]
        return
    yield [_collocates_listing(f"within {found.window} words, by G²", found.by_g2)]
    yield [_collocates_listing("by logDice", found.by_log_dice)]


def _collocates_listing(title: str, found: Sequence[Collocate]) -> Listing:
    listing = make_listing(title, "near>", "n>", "G²>", "logDice>")
    for one in found:
        listing.add(one.word, f"{one.n_near:,}", f"{one.n:,}", decimal(one.g2, 1), decimal(one.log_dice, 2))
    return listing


def _translations(word: str, found: PairTranslations) -> Content:
    """Return what stands for the word: on the right what it became, on the left what became it."""
    title = f"{found.pair}: {word} → …" if found.side == "source" else f"{found.pair}: … → {word}"
    listing = make_listing(title, "n>", "share>", "")
    for one in found.variants:
        share = found.share(one)
        listing.add(one.text, f"{one.n:,}", f"{share:.1%}", bar(share))
    lines = [_linked(found)]
    if found.n_sampled < _FEW_UNITS:
        lines.append(f"aligned with {found.n_sampled:,} units only: much of this is chance")
    return [listing, *lines] if found.variants else lines


def _linked(found: PairTranslations) -> str:
    n_linked = found.n_occurrences - found.n_without
    units = f"{found.n_aligned:,} of the {found.n_units:,} units that have it"
    return f"{found.pair}: {n_linked:,} of {found.n_occurrences:,} occurrences are linked, in {units}"
