"""What happens to the text of a segment before it is translated, and to its translation afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.config import RunConfig
from pipeline.config_inputs import ProtectSettings
from pipeline.editing.glossary import Glossary
from pipeline.editing.glossary_file import read_glossary
from pipeline.editing.headlines import Casing, WordCases, casing_of, restored, to_sentence_case
from pipeline.editing.marks import mended
from pipeline.editing.protection import ProtectedText, joined, protect, unmasked
from pipeline.entities import EntityFinder
from pipeline.types import Kind, LanguagePair, standard_of

VERSION = 1

PROTECTED, GLOSSARY = "protected", "glossary"
"""What `edits` says beside the names of casings and of mended marks."""


_Step = Callable[[str], tuple[str, tuple[str, ...]]]
"""Returns a text as it is changed, and the names of what was done."""


class Prepared(NamedTuple):
    """A text as it is translated, and the casing that its translation is to have."""

    protected: ProtectedText
    casing: Casing | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What must be translated for `Editor.finish`; nothing where all of the text is protected."""
        return self.protected.texts


class Edited(NamedTuple):
    """A translation as it stands in the corpus, what was done to it, and the texts whose translations are in it."""

    text: str
    edits: tuple[str, ...]
    parts: tuple[str, ...]


class Editor:
    """Edits under the settings of a run.

    Args:
        settings: what is protected.
        glossary: terms whose known wrong forms are replaced.
        is_raw: leave all texts as they are.
    """

    def __init__(
        self, settings: ProtectSettings | None = None, glossary: Glossary | None = None, *, is_raw: bool = False
    ) -> None:
        settings = settings or ProtectSettings()
        self.finder = EntityFinder(settings.patterns, settings.exceptions)
        self._protect_signature = f"{settings.patterns}{settings.exceptions}"
        self.glossary = glossary
        self.is_raw = is_raw

    @property
    def settings(self) -> dict[str, str]:
        """What a manifest tells of the settings; the glossary by a hash of its entries."""
        return {
            "raw": str(self.is_raw).lower(),
            "protect": self._protect_signature,
            "glossary": self.glossary.sha256 if self.glossary else "",
        }

    def signature(self, pair: LanguagePair) -> str:
        """Return every setting that can change a translation of `pair`, or what is thought of it."""
        terms = self.glossary.signature(*pair) if self.glossary else ""
        return f"edit|{VERSION}|raw:{int(self.is_raw)}|protect:{self._protect_signature}|glossary:{terms}"

    def prepare(self, text: str, language: str, kind: Kind, cases: Callable[[], WordCases]) -> Prepared:
        """Return how a text is translated.

        Args:
            text: that of a segment.
            language: what it is in.
            kind: of the segment; only headlines and captions are in Title Case.
            cases: returns how words are written elsewhere in the article; asked where that matters.
        """
        if self.is_raw:
            return Prepared(ProtectedText("", text, ""))
        language = standard_of(language)
        casing = casing_of(text, language)
        if casing is Casing.TITLE and kind == "body":
            casing = None
        if casing:
            text = self._in_sentence_case(text, language, casing, cases())
        return Prepared(protect(text, self.finder.find(text)), casing)

    def finish(
        self, prepared: Prepared, translations: Mapping[str, str], *, source: str, pair: LanguagePair, kind: Kind
    ) -> Edited:
        """Return the translation of a segment.

        Args:
            prepared: what `prepare` returned for it.
            translations: those of all of `prepared.texts`.
            source: the text of the segment itself.
            pair: from which language into which.
            kind: of the segment.
        """
        text, parts = _assembled(prepared.protected, translations)
        if self.is_raw:
            return Edited(text, (), parts)
        own, target, protected = standard_of(pair.source), pair.target, prepared.protected
        edits = [PROTECTED] if protected.is_changed else []
        steps: tuple[_Step, ...] = (
            lambda text: mended(source, text, source_lang=own, target_lang=target, kind=kind),
            lambda text: self._with_terms(text, source, own, target),
            lambda text: _in_casing(text, target, prepared.casing),
        )
        for step in steps:
            changed, names = step(text)
            # What patterns of the user protect is nothing that the steps know of.
            if names and protected.is_kept(changed):
                text = changed
                edits += names
        return Edited(text, tuple(edits), parts)

    def _in_sentence_case(self, text: str, language: str, casing: Casing, cases: WordCases) -> str:
        changed = to_sentence_case(text, language, casing, cases)
        for entity in self.finder.find(text) if len(changed) == len(text) else ():
            changed = changed[: entity.start] + entity.text + changed[entity.end :]
        return changed

    def _with_terms(self, text: str, source: str, own: str, target: str) -> tuple[str, tuple[str, ...]]:
        terms = self.glossary.for_pair(own, target) if self.glossary else None
        changed, replaced = terms.enforced(source, text) if terms else (text, ())
        return changed, (GLOSSARY,) if replaced else ()


def _in_casing(text: str, language: str, casing: Casing | None) -> tuple[str, tuple[str, ...]]:
    return (restored(text, language, casing), (casing.value,)) if casing else (text, ())


def open_editor(config: RunConfig) -> Editor:
    """Return the editor of a run.

    Raises:
        ConfigError: the glossary cannot be used.
    """
    glossary = read_glossary(config.glossary) if config.glossary else None
    return Editor(config.protect, glossary, is_raw=config.raw)


def _assembled(protected: ProtectedText, translations: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    if not protected.spans:
        return f"{protected.head}{translations[protected.core]}{protected.tail}", (protected.core,)
    core = unmasked(translations[protected.masked], protected) if protected.masked else None
    if core is not None:
        return f"{protected.head}{core}{protected.tail}", (protected.masked,)
    parts = tuple(piece.text for piece in protected.pieces if piece.is_translated)
    return f"{protected.head}{joined(translations, protected)}{protected.tail}", parts
