"""Measures of segmentation and language detection; they see functions and gold data, no files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate

from tests.golden.datasets import LANGUAGES, GoldParagraph, LabelledText, Span

UNDETERMINED = "und"

Split = Callable[[str, str], Sequence[Span]]
Detect = Callable[[str], str]

_INVISIBLE = "\u200b\ufeff"
_CONTEXT = 45
# No detector tells these apart by a headline; they are one language here.
_ALIKE = {"hyw": "hy", "bs": "sr", "hr": "sr"}
_EXPECTED = {"ru-Latn": UNDETERMINED, "hy-Latn": UNDETERMINED}


def _percent(part: int, whole: int) -> float:
    """Return the share in percent; of nothing, all is right."""
    return 100 * part / whole if whole else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One wrong answer: what the gold data says, what was answered, and where."""

    expected: str
    got: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryScore:
    """Counts of the boundaries inside paragraphs; the end of a paragraph is nobody's merit."""

    n_right: int = 0
    n_found: int = 0
    n_gold: int = 0
    n_paragraphs: int = 0
    n_perfect: int = 0
    n_bytes: int = 0
    seconds: float = 0.0

    def __add__(self, other: BoundaryScore) -> BoundaryScore:
        return BoundaryScore(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def precision(self) -> float:
        """Percent of the boundaries found that are gold."""
        return _percent(self.n_right, self.n_found)

    @property
    def recall(self) -> float:
        """Percent of the gold boundaries that were found."""
        return _percent(self.n_right, self.n_gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, in percent."""
        return _percent(2 * self.n_right, self.n_found + self.n_gold)

    @property
    def perfect(self) -> float:
        """Percent of the paragraphs without a mistake."""
        return _percent(self.n_perfect, self.n_paragraphs)

    @property
    def mb_per_s(self) -> float:
        """Megabytes (10^6) of UTF-8 a second of processor time."""
        return self.n_bytes / 1e6 / max(self.seconds, 1e-9)


def score_segments(paragraphs: Sequence[GoldParagraph], split: Split) -> tuple[BoundaryScore, list[Mistake]]:
    """Return how well `split(text, language)` finds the gold sentences, and each boundary it missed or made up."""
    for language in {paragraph.language for paragraph in paragraphs}:
        split("", language)  # reading the rules is not part of the speed
    start = time.process_time()
    answers = [split(paragraph.text, paragraph.language) for paragraph in paragraphs]
    total = BoundaryScore(seconds=time.process_time() - start)
    mistakes: list[Mistake] = []
    for paragraph, spans in zip(paragraphs, answers, strict=True):
        gold, found = inner_ends(paragraph.text, paragraph.spans), inner_ends(paragraph.text, spans)
        total += BoundaryScore(
            n_right=len(gold & found),
            n_found=len(found),
            n_gold=len(gold),
            n_paragraphs=1,
            n_perfect=gold == found,
            n_bytes=len(paragraph.text.encode()),
        )
        mistakes.extend(_boundary_mistakes(paragraph.text, gold, found))
    return total, mistakes


def inner_ends(text: str, spans: Sequence[Span]) -> frozenset[int]:
    """Return where spans meet inside `text`, counted in visible characters; blanks between them do not matter."""
    n_visible = list(accumulate((_is_visible(char) for char in text), initial=0))
    edges = {n_visible[edge] for span in spans for edge in span}
    return frozenset(edges - {0, n_visible[-1]})


def _is_visible(char: str) -> bool:
    return not char.isspace() and char not in _INVISIBLE


def _boundary_mistakes(text: str, gold: frozenset[int], found: frozenset[int]) -> Iterator[Mistake]:
    """Yield the boundaries in one set only; a bar shows the place in its surroundings."""
    if gold == found:
        return
    after = [index + 1 for index, char in enumerate(text) if _is_visible(char)]
    for end in sorted(gold ^ found):
        place = after[end - 1]
        around = f"{text[max(0, place - _CONTEXT) : place]}│{text[place : place + _CONTEXT]}"
        expected, got = ("end", "no end") if end in gold else ("no end", "end")
        yield Mistake(expected=expected, got=got, text=around)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageScore:
    """Counts of answers by gold language; both as `alike` and `expected_answer` give them."""

    answers: Counter[tuple[str, str]]
    seconds: float = 0.0

    @property
    def n_texts(self) -> int:
        """How many texts there were."""
        return self.answers.total()

    @property
    def texts_per_s(self) -> float:
        """Texts a second of processor time."""
        return self.n_texts / max(self.seconds, 1e-9)

    @property
    def taken(self) -> float | None:
        """Percent of the foreign texts that were taken for a language served; None without such texts."""
        return _share({pair: n for pair, n in self.answers.items() if is_foreign(pair[0])}, _is_taken)

    def right(self, language: str) -> float | None:
        """Return the percent right of a language served; None without such texts."""
        return _share({pair: n for pair, n in self.answers.items() if expected_answer(pair[0]) == language}, _is_right)

    def of_gold(self, language: str) -> LanguageScore:
        """Return the part of one language as the gold data names it."""
        return LanguageScore(answers=Counter({pair: n for pair, n in self.answers.items() if pair[0] == language}))

    @property
    def strict(self) -> float | None:
        """Percent of the texts with just the answer that was expected."""
        return _share(self.answers, _is_right)


def score_languages(texts: Sequence[LabelledText], detect: Detect) -> tuple[LanguageScore, list[Mistake]]:
    """Return how well `detect(text)` names languages, and the texts for which a translation would go wrong."""
    for text in {text.language: text.text for text in texts}.values():
        detect(text)  # what is loaded at the first text of a kind is not part of the speed
    start = time.process_time()
    answers = [detect(text.text) for text in texts]
    seconds = time.process_time() - start
    counts = Counter((text.language, alike(answer)) for text, answer in zip(texts, answers, strict=True))
    mistakes = [
        Mistake(expected=text.language, got=answer, text=text.text)
        for text, answer in zip(texts, answers, strict=True)
        if _is_wrong(text.language, alike(answer))
    ]
    return LanguageScore(answers=counts, seconds=seconds), mistakes


def alike(language: str) -> str:
    """Return the name under which an answer counts: Western Armenian is Armenian, Bosnian and Croatian are Serbian."""
    return _ALIKE.get(language, language)


def expected_answer(language: str) -> str:
    """Return the right answer for a gold language; in Latin letters, Russian and Armenian are of no language served."""
    return _EXPECTED.get(language, alike(language))


def is_foreign(language: str) -> bool:
    """Return whether a gold language is none of those served."""
    return expected_answer(language) not in LANGUAGES


def _share(answers: dict[tuple[str, str], int], holds: Callable[[str, str], bool]) -> float | None:
    total = sum(answers.values())
    return _percent(sum(n for pair, n in answers.items() if holds(*pair)), total) if total else None


def _is_right(gold: str, answer: str) -> bool:
    return answer == expected_answer(gold)


def _is_taken(gold: str, answer: str) -> bool:
    return is_foreign(gold) and answer in LANGUAGES


def _is_wrong(gold: str, answer: str) -> bool:
    """Return whether a text would be translated wrongly or not at all, or a language be named where none should."""
    is_kept_out = is_foreign(gold) and gold not in _EXPECTED
    return _is_taken(gold, answer) if is_kept_out else not _is_right(gold, answer)
