"""The tokens by which a multilingual model is told from and into which language to translate."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pipeline.convert.checkpoint import (
    M2M100,
    NLLB_200,
    OPUS_MT,
    TOKENIZER_CONFIG_FILE,
    Checkpoint,
    Family,
)
from pipeline.convert.vocabulary import END, Vocabulary
from pipeline.errors import ModelError
from pipeline.models.metadata import Direction
from pipeline.packaged import read_toml
from pipeline.types import LanguagePair

_FORMS: dict[Family, re.Pattern[str]] = {
    OPUS_MT: re.compile(r">>(?P<code>.+)<<"),
    M2M100: re.compile(r"__(?P<code>[a-z]{2,3})__"),
    NLLB_200: re.compile(r"(?P<code>[a-z]{3}_[A-Z][a-z]{3})"),
}
_N_NAMED = 5


def find_directions(
    checkpoint: Checkpoint, vocabulary: Vocabulary, pairs: Sequence[LanguagePair]
) -> tuple[Direction, ...]:
    """Return a direction for each pair, same order, with the tokens that the model wants around a text.

    Raises:
        ModelError: the model does not know a language, or is no multilingual one and there are several targets.
    """
    known = _LanguageTokens(checkpoint.folder, checkpoint.family, vocabulary.source)
    if checkpoint.family == OPUS_MT:
        return _opus_directions(checkpoint, known, pairs)
    suffix_has_language = checkpoint.family == NLLB_200 and checkpoint.tokenizer_config.get("legacy_behaviour") is True
    return tuple(_two_sided(pair, known, suffix_has_language=suffix_has_language) for pair in pairs)


def _opus_directions(
    checkpoint: Checkpoint, known: _LanguageTokens, pairs: Sequence[LanguagePair]
) -> tuple[Direction, ...]:
    _check_sides(checkpoint, pairs)
    targets = sorted({pair.target for pair in pairs})
    if not known.codes and len(targets) > 1:
        raise ModelError(
            f"{checkpoint.folder}: the model translates into one language, and {', '.join(targets)} are asked for; "
            f"convert it for one of them, as in --to {targets[0]}"
        )
    # The converter for Marian's own files writes into the model that it adds the end itself; that for Hugging Face not.
    suffix = () if checkpoint.is_original_marian else (END,)
    return tuple(
        Direction(pair=pair, source_prefix=(known.token(pair.target),) if known.codes else (), source_suffix=suffix)
        for pair in pairs
    )


def _check_sides(checkpoint: Checkpoint, pairs: Sequence[LanguagePair]) -> None:
    """Refuse a direction that contradicts what the tokenizer says; a group of languages contradicts nothing."""
    said = {side: checkpoint.tokenizer_config.get(f"{side}_lang") for side in ("source", "target")}
    for pair in pairs:
        for side, language in (("source", pair.source), ("target", pair.target)):
            known = _language_of_code(said[side])
            if known and known != language:
                raise ModelError(
                    f"{checkpoint.folder / TOKENIZER_CONFIG_FILE}: {side}_lang is {said[side]!r}, and {pair} is asked "
                    f"for; name what the model has, as in {'--from' if side == 'source' else '--to'} {known}"
                )


def _language_of_code(code: object) -> str | None:
    """Return the language of two letters that a code of OPUS-MT names, `hy` for `hye`; None for a group or nothing."""
    codes = _codes_by_language()
    if not isinstance(code, str):
        return None
    if code in codes:
        return code
    names = ((language, {name.partition("_")[0] for name in names}) for language, names in codes.items())
    return next((language for language, some in names if code in some), None)


def _two_sided(pair: LanguagePair, known: _LanguageTokens, *, suffix_has_language: bool) -> Direction:
    """Return a direction of M2M100 or NLLB-200.

    Source: `set_src_lang_special_tokens` of `M2M100Tokenizer` and `NllbTokenizer` in transformers; there,
    `legacy_behaviour` of NLLB-200 puts the language after the end, for models that were trained so.
    """
    source, target = known.token(pair.source), known.token(pair.target)
    around = ((), (END, source)) if suffix_has_language else ((source,), (END,))
    return Direction(pair=pair, source_prefix=around[0], source_suffix=around[1], target_prefix=(target,))


class _LanguageTokens:
    """The tokens of languages in the vocabulary of a model, by the code that is in them."""

    def __init__(self, folder: Path, family: Family, tokens: Sequence[str]) -> None:
        self._folder = folder
        self._family = family
        matches = map(_FORMS[family].fullmatch, tokens)
        self.codes = {match["code"]: match[0] for match in matches if match}

    def token(self, language: str) -> str:
        """Return the token of a language, `hye_Armn` for `hy`."""
        code = next((code for code in self._candidates(language) if code in self.codes), None)
        if code is None:
            raise ModelError(
                f"{self._folder}: the model does not know the language {language!r}; {self._near(language)}"
            )
        return self.codes[code]

    def _candidates(self, language: str) -> list[str]:
        codes = _codes_by_language().get(language, [])
        in_one_script = [code for code in self.codes if code.startswith(f"{language}_")]
        alone = in_one_script if len(in_one_script) == 1 else []
        return [language, *codes, *(code.partition("_")[0] for code in codes), *alone]

    def _near(self, language: str) -> str:
        wanted = (_codes_by_language().get(language) or [language])[0]
        near = difflib.get_close_matches(wanted, self.codes, n=_N_NAMED, cutoff=0.4) or sorted(self.codes)[:_N_NAMED]
        codes = f"near ones are {', '.join(near)}" if near else "it knows none"
        return f"of its {len(self.codes)} languages, {codes}; choose another model, see `newsmt models available`"


@lru_cache(maxsize=1)
def _codes_by_language() -> dict[str, list[str]]:
    return read_toml("pipeline.convert", "languages.toml")
