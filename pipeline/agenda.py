"""What is left to do: for which pairs an article is to be translated, and whether what was done still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from pipeline.intake import Review, Work
from pipeline.langid import UNDETERMINED
from pipeline.store.ledger import KnownRevision
from pipeline.types import LanguagePair, SegmentedArticle, standard_of


class Agenda:
    """Compares what the ledger holds with what the settings of a run would do.

    `reading_signature` names every setting that can change the language and the segments of an article;
    `failure_signature` is that of an article that met a bug: another version of newsmt, other models or other settings
    try it again; `skipped_signature` is that of a near-duplicate that was left out.

    Args:
        targets: the languages to translate into.
        reading_signature: as above.
        failure_settings: what must change for an article that met a bug to be tried again.
        settings_of: returns every setting that can change translations of a pair, none where there is no route.
        is_skipping: whether near-duplicates are left out.
    """

    def __init__(
        self,
        targets: Sequence[str],
        *,
        reading_signature: str,
        failure_settings: str,
        settings_of: Callable[[LanguagePair], tuple[str, ...]],
        is_skipping: bool,
    ) -> None:
        self._targets = targets
        self._settings_of = settings_of
        self._is_skipping = is_skipping
        self.reading_signature = reading_signature
        self.failure_signature = f"{reading_signature}+failed:{failure_settings}"
        self.skipped_signature = f"{reading_signature}+near-duplicate"
        self._signatures: dict[LanguagePair, str | None] = {}

    def work_signature(self, pair: LanguagePair) -> str | None:
        """Return a hash of every setting that can change units of `pair`, None where there is no route."""
        if pair not in self._signatures:
            settings = self._settings_of(pair)
            parts = (self.reading_signature, *settings) if settings else ()
            self._signatures[pair] = sha256("+".join(parts).encode()).hexdigest() if parts else None
        return self._signatures[pair]

    def review(self, known: KnownRevision) -> Review:
        """Return what is left to do for a revision that an earlier shard dealt with."""
        if known.source_lang == UNDETERMINED:
            is_skipped = self._is_skipping and known.signature == self.skipped_signature
            return Review(is_done=is_skipped or known.signature in (self.reading_signature, self.failure_signature))
        if not known.is_stored and any(known.work.values()):
            # Its row was in a file that was lost.
            return Review(is_done=False)
        waiting = []
        pairs = list(self.pairs(known.source_lang))
        if known.signature != self.reading_signature and not any(map(self.work_signature, pairs)):
            # No work would be done anew; but under the new rules the article may be in another language.
            return Review(is_done=False)
        for pair in pairs:
            stored, current = known.work.get(pair.target, ""), self.work_signature(pair)
            if stored == "" or (current is not None and stored != current):
                return Review(is_done=False)
            if stored is None:
                waiting.append(pair)
        return Review(is_done=True, waiting=tuple(waiting))

    def is_served(self, known: KnownRevision) -> bool:
        """Return whether there is a model now that a revision waited for; one that failed under it waits on."""
        if known.signature == self.failure_signature:
            return False
        if known.source_lang == UNDETERMINED:
            return not self.review(known).is_done
        waits_for = (pair for pair in self.pairs(known.source_lang) if known.work.get(pair.target, "") is None)
        return any(map(self.work_signature, waits_for))

    def pairs(self, source: str) -> Iterator[LanguagePair]:
        """Yield the pairs that articles in a language are translated in."""
        for target in self._targets:
            if target != standard_of(source):
                yield LanguagePair(source=source, target=target)

    def is_due(self, pair: LanguagePair, known: KnownRevision | None) -> bool:
        """Return whether a revision is to be translated in `pair`: it never was, or under other settings."""
        signature = self.work_signature(pair)
        return signature is not None and (known is None or known.work.get(pair.target) != signature)

    def missing(self, pairs: Sequence[LanguagePair], known: KnownRevision | None) -> list[LanguagePair]:
        """Return the pairs that need a model which the set lacks; what an earlier model did stays done."""
        done = {target for target, signature in known.work.items() if signature} if known else set()
        return [pair for pair in pairs if self.work_signature(pair) is None and pair.target not in done]

    def is_unreachable(self, pairs: Sequence[LanguagePair], known: KnownRevision | None) -> bool:
        """Return whether an article that is no part of the corpus yet cannot be translated at all."""
        is_stored = known is not None and known.is_stored
        return not is_stored and bool(pairs) and not any(map(self.work_signature, pairs))

    def is_new(self, source: SegmentedArticle, work: Work) -> bool:
        """Return whether an article is no part of the corpus yet, and can be."""
        is_stored = work.known is not None and work.known.is_stored
        return not is_stored and not self.is_unreachable(list(self.pairs(source.language)), work.known)
