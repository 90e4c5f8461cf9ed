"""The stage that doubts: measures, flags and a quality for each translation unit.

Flags never drop a unit; whoever uses the corpus decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.checks.base import TextPair
from pipeline.checks.examination import doubts
from pipeline.checks.names import inconsistent_names
from pipeline.checks.quality import quality
from pipeline.checks.registry import ALL_CHECKS, VERSION, text_checks
from pipeline.editing.glossary import Glossary
from pipeline.entities import EntityFinder
from pipeline.stages.base import StageResult
from pipeline.types import TranslatedArticle, TranslationUnit, standard_of

_N_DECIMALS = 3


class CheckStage:
    """Adds `measures`, `flags` and `quality`; nothing else of a unit changes, and nothing is rejected.

    Args:
        finder: finds what must stand in the target as it stands in the source.
        glossary: terms whose translations are known.
    """

    def __init__(self, finder: EntityFinder | None = None, glossary: Glossary | None = None) -> None:
        self._text_checks = text_checks(finder or EntityFinder())
        self._glossary = glossary
        self._numbers: dict[float, float] = {}

    @property
    def signature(self) -> str:
        """Every setting of this stage itself; patterns and terms are in `Editor.signature`."""
        return f"check|{VERSION}"

    def process(self, batch: Sequence[TranslatedArticle], /) -> StageResult[TranslatedArticle]:
        """Return the same articles, each unit with what the checks say of it."""
        return StageResult(accepted=tuple(map(self._checked, batch)))

    def _checked(self, article: TranslatedArticle) -> TranslatedArticle:
        # What was copied is not doubted for being a copy.
        translated = [unit for unit in article.units if unit.score is not None]
        pairs = list(map(_text_pair, translated))
        examined = iter(
            self._examined(unit, pair, names)
            for unit, pair, names in zip(translated, pairs, inconsistent_names(pairs), strict=True)
        )
        units = (
            # What was left out has no quality, what was copied has.
            unit._replace(quality=quality(None, unit.flags) if unit.target_text else None)
            if unit.score is None
            else next(examined)
            for unit in article.units
        )
        return replace(article, units=tuple(units))

    def _examined(self, unit: TranslationUnit, pair: TextPair, names: float | None) -> TranslationUnit:
        terms = self._glossary.for_pair(pair.source_lang, pair.target_lang) if self._glossary else None
        measured = (
            *(check.measure(pair) for check in self._text_checks),
            names,
            terms.terms_kept(pair) if terms else None,
        )
        values = (*map(self._stored, measured), unit.score)
        # Decided by what is stored, so that whoever decides anew comes to the same.
        flags = tuple(dict.fromkeys((*unit.flags, *doubts(pair, values, ALL_CHECKS))))
        measures = tuple(value for check, value in zip(ALL_CHECKS, values, strict=True) if check.column)
        return unit._replace(measures=measures, flags=flags, quality=quality(unit.score, flags))

    def _stored(self, value: float | None) -> float | None:
        """Return a measure to three decimals, one object for equal ones: there are many units, and few values."""
        if value is None:
            return None
        value = round(value, _N_DECIMALS)
        return self._numbers.setdefault(value, value)


def _text_pair(unit: TranslationUnit) -> TextPair:
    return TextPair(
        unit.source_text, unit.target_text, standard_of(unit.source_lang), standard_of(unit.target_lang), unit.kind
    )
