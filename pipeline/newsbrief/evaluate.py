"""chrF and exact match of a translation package on held-out sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHRF_ORDER = 6
CHRF_BETA = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Quality on held-out sentences, both in percent."""

    chrf: float
    exact_match: float
    n_sentences: int


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the corpus chrF2, 0 to 100; white space does not count.

    Source: Popović 2015, as computed by sacrebleu 2 (``chrF2|nc:6|nw:0|space:no``).
    """
    totals = [[0, 0, 0] for _ in range(CHRF_ORDER)]
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        for order, total in enumerate(totals, start=1):
            ours, theirs = _ngrams(hypothesis, order), _ngrams(reference, order)
            # sacrebleu leaves out the n-grams of a hypothesis whose reference is too short to have any.
            total[0] += ours.total() if theirs else 0
            total[1] += theirs.total()
            total[2] += (ours & theirs).total()
    used = [(n_match / n_ours, n_match / n_theirs) for n_ours, n_theirs, n_match in totals if n_ours and n_theirs]
    precision, recall = (sum(column) / len(used) for column in zip(*used, strict=True)) if used else (0.0, 0.0)
    if precision + recall == 0:
        return 0.0
    weight = CHRF_BETA**2
    return 100 * (1 + weight) * precision * recall / (weight * precision + recall)


def exact_match(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the share of hypotheses that equal their reference, in percent; 0 without any."""
    pairs = list(zip(hypotheses, references, strict=True))
    return 100 * sum(ours == theirs for ours, theirs in pairs) / max(len(pairs), 1)


def translate(package: Path, sentences: Sequence[str], *, beam_size: int = 4, n_threads: int = 2) -> list[str]:
    """Translate sentences with a package as Argos Translate does: one output per input, same order."""
    import ctranslate2
    import sentencepiece

    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    translator = ctranslate2.Translator(str(package / "model"), device="cpu", inter_threads=1, intra_threads=n_threads)
    results = translator.translate_batch(
        tokenizer.encode(list(sentences), out_type=str),
        beam_size=beam_size,
        max_batch_size=2048,
        batch_type="tokens",
        replace_unknowns=True,
    )
    return [str(tokenizer.decode(result.hypotheses[0])) for result in results]


def score(hypotheses: Sequence[str], references: Sequence[str]) -> Scores:
    """Return chrF and exact match of hypotheses against their references."""
    return Scores(
        chrf=chrf(hypotheses, references),
        exact_match=exact_match(hypotheses, references),
        n_sentences=len(references),
    )


def _ngrams(text: str, order: int) -> Counter[str]:
    characters = "".join(text.split())
    return Counter(characters[i : i + order] for i in range(len(characters) - order + 1))
