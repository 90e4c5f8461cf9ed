"""Protected text: what stands in a translation as it stands in its source never goes through a model.

At the end of a sentence, behind its final mark, it is cut off and put back. Inside, a stand-in takes its place, which
models copy as they copy names of products; where it does not come back, exactly once, the pieces between the protected
spans are translated each on its own, which always works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from pipeline.editing.fragments import fitted
from pipeline.entities import Entity
from pipeline.text import ends_sentence, has_letters

MAX_STAND_INS = 8
"""With more of them in a sentence there is little left to translate, and one is lost nearly always."""

_LETTERS = "XZQWKVJ"
_LOOK_ALIKES = {"X": "XХ", "K": "KК"}
"""Latin letters, and the Cyrillic ones that a model may write for them."""

_AROUND = re.compile(r"(?P<before>[\s,;:.!?…։՝)\]»”–—-]*)(?P<text>.*?)(?P<after>[\s,;:՝(\[«“–—-]*)", re.DOTALL)
"""What stands at the ends of a piece and is no part of what is said."""

_OUTSIDE = frozenset({"emoji"})
"""Kinds that are no part of a sentence wherever they stand at its ends."""


class Piece(NamedTuple):
    """A part of a text: protected, or `text` to be translated with the blanks and marks around it."""

    text: str
    is_protected: bool = False
    before: str = ""
    after: str = ""

    @property
    def is_translated(self) -> bool:
        """Whether there is something in it to translate."""
        return not self.is_protected and has_letters(self.text)


class ProtectedText(NamedTuple):
    """A text as it is translated.

    `head` and `tail` are put around what `core` becomes. `masked` is the core with stand-ins for `spans`, empty where
    there are none or too many; `pieces` are those of the core, in order, none where it has no protected span.
    """

    head: str
    core: str
    tail: str
    spans: tuple[str, ...] = ()
    masked: str = ""
    stand_ins: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether anything is kept from the model."""
        return bool(self.head or self.tail or self.spans)

    def is_kept(self, translation: str) -> bool:
        """Return whether all that is protected stands in a translation."""
        return all(span in translation for span in (*self.spans, self.head.strip(), self.tail.strip()))

    @property
    def texts(self) -> tuple[str, ...]:
        """What must be translated; nothing where all is protected."""
        if not self.spans:
            return (self.core,) if self.core else ()
        pieces = (piece.text for piece in self.pieces if piece.is_translated)
        return tuple(dict.fromkeys(filter(None, (self.masked, *pieces))))


def protect(text: str, entities: Sequence[Entity]) -> ProtectedText:
    """Return how `text` is translated; `entities` are those in it, in order."""
    if not entities:
        return ProtectedText("", text, "")
    start, end = _core(text, entities)
    inner = [entity for entity in entities if entity.start >= start and entity.end <= end]
    head, core, tail = text[:start], text[start:end], text[end:]
    if not inner:
        return ProtectedText(head, core, tail)
    pieces = tuple(_pieces(text, start, end, inner))
    stand_ins = _stand_ins(text, len(inner)) if any(piece.is_translated for piece in pieces) else ()
    return ProtectedText(
        head,
        core,
        tail,
        spans=tuple(entity.text for entity in inner),
        masked=_masked(pieces, stand_ins) if stand_ins else "",
        stand_ins=stand_ins,
        pieces=pieces,
    )


def unmasked(translation: str, protected: ProtectedText) -> str | None:
    """Return the translation of the masked core with the protected spans, None where a stand-in is lost or doubled."""
    for stand_in, span in zip(protected.stand_ins, protected.spans, strict=True):
        letter, number = stand_in[0], stand_in[1:]
        pattern = rf"(?<!\w)[{_LOOK_ALIKES.get(letter, letter)}] ?{number}(?!\w)"
        if len(re.findall(pattern, translation)) != 1:
            return None
        translation = re.sub(pattern, lambda _, span=span: span, translation)  # type: ignore[misc]
    return translation


def joined(translations: Mapping[str, str], protected: ProtectedText) -> str:
    """Return the pieces of the core put together, those between protected spans translated."""
    return "".join(f"{piece.before}{_said(piece, translations)}{piece.after}" for piece in protected.pieces)


def _said(piece: Piece, translations: Mapping[str, str]) -> str:
    return fitted(piece.text, translations[piece.text]) if piece.is_translated else piece.text


def _core(text: str, entities: Sequence[Entity]) -> tuple[int, int]:
    """Return start and end of what is left of `text` without the protected spans that are no part of its sentence."""
    start, end = 0, len(text)
    for entity in entities:
        if entity.kind not in _OUTSIDE or text[start : entity.start].strip():
            break
        start = entity.end
    row = list(_last_row(text, [entity for entity in entities if entity.start >= start]))
    if row and not ends_sentence(text[start : row[-1].start]):
        row = list(takewhile(lambda entity: entity.kind in _OUTSIDE, row))
    if row:
        end = row[-1].start
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _last_row(text: str, entities: Sequence[Entity]) -> Iterator[Entity]:
    """Yield the entities with nothing but blanks between them and the end of `text`, the last one first."""
    end = len(text)
    for entity in reversed(entities):
        if text[entity.end : end].strip():
            return
        yield entity
        end = entity.start


def _pieces(text: str, start: int, end: int, entities: Sequence[Entity]) -> Iterator[Piece]:
    position = start
    for entity in entities:
        yield from _piece(text[position : entity.start])
        yield Piece(entity.text, is_protected=True)
        position = entity.end
    yield from _piece(text[position:end])


def _piece(text: str) -> Iterator[Piece]:
    if text and (match := _AROUND.fullmatch(text)):
        yield Piece(match["text"], before=match["before"], after=match["after"])


def _stand_ins(text: str, n_spans: int) -> tuple[str, ...]:
    """Return names for the protected spans that the text does not have itself, nothing where there are too many."""
    letter = next((letter for letter in _LETTERS if not re.search(rf"{letter}\d", text)), None)
    if letter is None or n_spans > MAX_STAND_INS:
        return ()
    return tuple(f"{letter}{number}" for number in range(1, n_spans + 1))


def _masked(pieces: Sequence[Piece], stand_ins: Sequence[str]) -> str:
    left = iter(stand_ins)
    return "".join(next(left) if piece.is_protected else f"{piece.before}{piece.text}{piece.after}" for piece in pieces)
