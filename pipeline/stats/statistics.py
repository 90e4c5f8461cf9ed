"""The statistics of a corpus: what is asked, computed section by section."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import DamagedFile
from pipeline.corpus.sql import literal
from pipeline.errors import UsageError
from pipeline.stats import alignment
from pipeline.stats.collocates import Collocates, collocates_of
from pipeline.stats.flags import Flags, flags_of
from pipeline.stats.frequent import FrequentWord, frequent_words
from pipeline.stats.keywords import KeywordsOfPart, keywords_by, keywords_of_selection
from pipeline.stats.material import count_words, gather_sources, gather_units
from pipeline.stats.overview import Overview, overview_of
from pipeline.stats.profile import WordFrequency, choose_language, frequency_of, languages_of, read_word
from pipeline.stats.request import OF_A_WORD, Section, StatsRequest
from pipeline.stats.spread import Lengths, Quality, lengths_of, quality_of
from pipeline.stats.translations import PairTranslations, translations_of

if TYPE_CHECKING:
    import duckdb

_WITH_WORDS: frozenset[Section] = frozenset({"overview", "words", "keywords", "frequency", "collocates"})
_WITH_LENGTHS: frozenset[Section] = frozenset({"overview", "lengths"})
_WITH_TEXTS: frozenset[Section] = _WITH_WORDS | _WITH_LENGTHS | OF_A_WORD

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordProfile:
    """All that is told of one word.

    Attributes:
        word: as it is counted.
        language: the one that was named or found; None where no language has the word.
        languages: how often it is in each language that has it.
        frequency, collocates: None where they were not asked for, or the word is not there.
        translations: the same; None also where there is no aligner, as `notes` says.
        notes: why something is missing.
    """

    word: str
    language: str | None
    languages: dict[str, int]
    frequency: WordFrequency | None = None
    collocates: Collocates | None = None
    translations: tuple[PairTranslations, ...] | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        translations = self.translations
        return {
            "word": self.word,
            "language": self.language,
            "languages": self.languages,
            "frequency": self.frequency.to_json() if self.frequency else None,
            "collocates": self.collocates.to_json() if self.collocates else None,
            "translations": None if translations is None else [one.to_json() for one in translations],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What was asked of a corpus; sections that were not are None. `damaged` names the files that were left out."""

    n_units: int
    overview: Overview | None = None
    lengths: Lengths | None = None
    quality: Quality | None = None
    flags: Flags | None = None
    words: dict[str, tuple[FrequentWord, ...]] | None = None
    keywords: tuple[KeywordsOfPart, ...] | None = None
    profile: WordProfile | None = None
    damaged: tuple[DamagedFile, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values; only the sections that were asked for."""
        found: dict[str, Any] = {"n_units": self.n_units}
        for name in ("overview", "lengths", "quality", "flags"):
            if (section := getattr(self, name)) is not None:
                found[name] = section.to_json()
        if self.words is not None:
            found["words"] = {lang: [word.to_json() for word in words] for lang, words in self.words.items()}
        if self.keywords is not None:
            found["keywords"] = [part.to_json() for part in self.keywords]
        if self.profile is not None:
            found["word"] = self.profile.to_json()
        return {**found, "damaged": [str(file.path) for file in self.damaged]}


def statistics_of(folder: Path, request: StatsRequest) -> Statistics:
    """Return the statistics of an output folder; a run may be at work on it meanwhile.

    Raises:
        OutputError: the folder holds no output of newsmt.
        UsageError: the request cannot be, the word is none or of several languages.
        StateError: files went away meanwhile.
    """
    request = request.checked()
    if "translations" in request.only and not alignment.is_installed():
        raise UsageError(alignment.MISSING)
    with Corpus(folder) as corpus, _room_to_spill(corpus):
        corpus.check_pairs(request.selection)
        cursor = corpus.connection.cursor()
        word = None if request.word is None else read_word(cursor, request.word)
        _gather(corpus, cursor, request)
        found = _compute(cursor, request)
        if word is not None:
            found = replace(found, profile=_profile(cursor, request, word))
        return replace(found, damaged=tuple(corpus.damaged))


@contextmanager
def _room_to_spill(corpus: Corpus) -> Iterator[None]:
    """Let the database put what exceeds its memory into a folder of its own, not into the current one."""
    with TemporaryDirectory(prefix="newsmt-stats-") as folder:
        corpus.connection.execute(f"SET temp_directory = {literal(folder)}")
        yield


def _gather(corpus: Corpus, cursor: duckdb.DuckDBPyConnection, request: StatsRequest) -> None:
    """Make the tables that the sections need."""
    sections = request.sections
    gather_units(
        corpus,
        request.selection,
        has_rest="keywords" in sections and request.keywords_by is None and request.has_rest,
        has_texts=bool(sections & _WITH_TEXTS),
        has_lengths=bool(sections & _WITH_LENGTHS),
    )
    if sections & _WITH_TEXTS:
        gather_sources(cursor)
    if sections & (_WITH_WORDS | OF_A_WORD):
        count_words(cursor)


def _compute(cursor: duckdb.DuckDBPyConnection, request: StatsRequest) -> Statistics:
    sections = request.sections
    [(n_units,)] = cursor.execute("SELECT count(*) FROM stats_units WHERE is_selected").fetchall()
    return Statistics(
        n_units=n_units,
        overview=overview_of(cursor) if "overview" in sections else None,
        lengths=lengths_of(cursor) if "lengths" in sections else None,
        quality=quality_of(cursor) if "quality" in sections else None,
        flags=flags_of(cursor) if "flags" in sections else None,
        words=frequent_words(cursor, top=request.top, language=request.language) if "words" in sections else None,
        keywords=_keywords(cursor, request) if "keywords" in sections else None,
    )


def _keywords(cursor: duckdb.DuckDBPyConnection, request: StatsRequest) -> tuple[KeywordsOfPart, ...]:
    if request.keywords_by is None:
        return keywords_of_selection(cursor, top=request.top, language=request.language)
    return keywords_by(cursor, request.keywords_by, top=request.top, language=request.language)


def _profile(cursor: duckdb.DuckDBPyConnection, request: StatsRequest, word: str) -> WordProfile:
    languages = languages_of(cursor, word)
    language = request.language or choose_language(word, languages)
    profile = WordProfile(word=word, language=language, languages=languages)
    if language is None or language not in languages:
        return profile
    sections = request.sections
    if "frequency" in sections:
        profile = replace(profile, frequency=frequency_of(cursor, word, language))
    if "collocates" in sections:
        near = collocates_of(cursor, word, language, window=request.window, top=request.top)
        profile = replace(profile, collocates=near)
    return _translated(cursor, request, profile, language) if "translations" in sections else profile


def _translated(
    cursor: duckdb.DuckDBPyConnection, request: StatsRequest, profile: WordProfile, language: str
) -> WordProfile:
    """Return a profile with translations, or why there are none."""
    if not alignment.is_installed():
        return replace(profile, notes=(alignment.MISSING,))
    try:
        found = translations_of(cursor, profile.word, language, n_units=request.n_units_to_align, top=request.top)
        return replace(profile, translations=tuple(found))
    except alignment.AlignmentError as error:
        return replace(profile, notes=(f"no translations: {error}; try again, or with fewer --align-units",))
