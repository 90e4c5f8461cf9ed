"""A trial translation: whether a package translates at all, and into the right letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import DecodingSettings
from pipeline.models.package import ModelPackage
from pipeline.text import SCRIPT_OF_LANGUAGE, count_scripts
from pipeline.types import LanguagePair

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "France and India signed an agreement on trade in Paris on Thursday.",
        "The two countries agreed to resume direct flights by the end of March.",
        "Schools in Gyumri will be closed on Friday because of the blizzard.",
    ),
    "ru": (
        "Франция и Индия в четверг подписали в Париже соглашение о торговле.",
        "Две страны договорились возобновить прямые авиарейсы до конца марта.",
        "В пятницу школы Гюмри будут закрыты из-за метели.",
    ),
    "hy": (
        "Ֆրանսիան և Հնդկաստանը հինգշաբթի օրը Փարիզում ստորագրել են առևտրի մասին համաձայնագիր։",
        "Երկու երկրները պայմանավորվել են մինչև մարտի վերջը վերսկսել ուղիղ չվերթները։",
        "Ուրբաթ օրը Գյումրու դպրոցները փակ կլինեն ձնաբքի պատճառով։",
    ),
}
"""A few sentences in each served language, the same ones; the demo models translate them well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a package made of the sentences in its source language; `problem` is None where it did well.

    Both lists are empty where there are no sentences in that language: the package was loaded, no more.
    """

    sources: tuple[str, ...] = ()
    translations: tuple[str, ...] = ()
    problem: str | None = None


def try_package(package: ModelPackage) -> Trial:
    """Translate a few sentences with a package.

    Raises:
        ModelError: the engine cannot load it.
        DecodingError: the engine failed.
    """
    from pipeline.decode.engine import Engine
    from pipeline.decode.queue import decode

    engine = Engine(package, DecodingSettings(jobs=1, beam=2))
    sources = SENTENCES.get(package.pair.source, ())
    hypotheses = decode(engine, sources) if sources else []
    translations = tuple(hypothesis.text for hypothesis in hypotheses)
    return Trial(sources=sources, translations=translations, problem=judge(package.pair, sources, translations))


def judge(pair: LanguagePair, sources: Sequence[str], translations: Sequence[str]) -> str | None:
    """Return what is wrong with translations, None where each is there and mostly in the letters of the target."""
    for source, translation in zip(sources, translations, strict=True):
        if not translation.strip():
            return f"{source!r} became nothing"
        if not _is_in_letters_of(pair.target, translation):
            return f"{source!r} became {translation!r:.120}, which is not in the letters of {pair.target!r}"
    return None


def _is_in_letters_of(language: str, text: str) -> bool:
    script = SCRIPT_OF_LANGUAGE.get(language)
    counts = count_scripts(text)
    return script is None or counts[script] * 2 > sum(counts.values())
