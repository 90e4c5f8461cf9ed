"""What is asked of the statistics of a corpus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.corpus.selection import Selection
from pipeline.errors import UsageError

Section = Literal[
    "overview", "lengths", "quality", "flags", "words", "keywords", "frequency", "collocates", "translations"
]
Grouping = Literal["publisher", "month"]

SECTIONS: tuple[Section, ...] = get_args(Section)
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
OF_A_WORD: frozenset[Section] = frozenset({"frequency", "collocates", "translations"})
"""The sections that tell of one word."""

DEFAULT_TOP = 20
DEFAULT_WINDOW = 5
DEFAULT_UNITS_TO_ALIGN = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsRequest:
    """What is asked.

    Attributes:
        selection: which units.
        only: nothing but these sections; empty asks for the usual ones.
        top: how many words, collocates and translations of each kind.
        word: the word whose profile is wanted.
        language: words of this language only.
        window: how many words on either side of a word are near it.
        keywords_by: key words of each publisher or month, against the others.
        n_units_to_align: so many units of a pair of languages at most.
    """

    selection: Selection = field(default_factory=Selection)
    only: frozenset[Section] = frozenset()
    top: int = DEFAULT_TOP
    word: str | None = None
    language: str | None = None
    window: int = DEFAULT_WINDOW
    keywords_by: Grouping | None = None
    n_units_to_align: int = DEFAULT_UNITS_TO_ALIGN

    def checked(self) -> StatsRequest:
        """Return self, or say what cannot be.

        Raises:
            UsageError: sections and options contradict each other.
        """
        of_a_word = sorted(self.only & OF_A_WORD)
        if of_a_word and self.word is None:
            raise UsageError(f"--only {of_a_word[0]}: belongs to a word; name it with --word")
        if self.word is not None and self.only and not of_a_word:
            raise UsageError(f"--word: sections of a word are {', '.join(sorted(OF_A_WORD))}; name one with --only")
        if self.keywords_by and self.only and "keywords" not in self.only:
            raise UsageError("--keywords-by: key words are left out by --only; add --only keywords")
        if "keywords" in self.only and not self.has_keywords:
            raise UsageError(
                "--only keywords: compared with what? name some units with filters such as --publisher or --date, "
                "or compare groups with --keywords-by publisher"
            )
        return self

    @property
    def has_keywords(self) -> bool:
        """Whether there is something that key words can be compared with."""
        return self.keywords_by is not None or self.has_rest

    @property
    def has_rest(self) -> bool:
        """Whether there are units beside those of the selection."""
        return self.selection != Selection(all_revisions=self.selection.all_revisions)

    @property
    def sections(self) -> frozenset[Section]:
        """The sections that are computed."""
        if self.only:
            return self.only
        if self.word is not None:
            return OF_A_WORD | ({"keywords"} if self.keywords_by else frozenset())
        return frozenset(SECTIONS) - OF_A_WORD - (frozenset() if self.has_keywords else {"keywords"})
