"""The engine: CTranslate2 with the model of one package."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pipeline.config import DecodingSettings
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.planner import plan_batches
from pipeline.decode.tokenizer import load_tokenizer
from pipeline.errors import DecodingError, ModelError
from pipeline.models.package import ModelPackage

_NO_SCORE = -100.0
MAX_SOURCE_TOKENS = 490
"""Longer sources are cut and count as truncated: models know 500 positions or more, and CTranslate2 fails past them.

Source: `MakeSinusoidalPositionEncodings` of CTranslate2 (500), Marian's and OPUS-MT's `max_length` (512).
"""


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Engine:
    """A loaded model; decodes any number of texts as one job."""

    def __init__(self, package: ModelPackage, settings: DecodingSettings) -> None:
        self._package = package
        self._settings = settings
        self._tokenizer = load_tokenizer(package)
        self._translator = _load_translator(package, settings)

    def translate(self, texts: Sequence[str], on_decoded: Callable[[int], None]) -> list[Hypothesis]:
        """Return one hypothesis for each text, same order; `on_decoded` hears of the number of texts in each batch."""
        encoded = self._tokenizer.encode(texts)
        sources = [tokens[:MAX_SOURCE_TOKENS] for tokens in encoded]
        batches = plan_batches(sources, max_tokens=self._settings.max_batch_tokens)
        pending = [self._start([sources[index] for index in batch]) for batch in batches]
        hypotheses: dict[int, Hypothesis] = {}
        for batch, results in zip(batches, pending, strict=True):
            hypotheses.update(zip(batch, self._collect(results), strict=True))
            on_decoded(len(batch))
        return [
            replace(hypotheses[index], is_truncated=hypotheses[index].is_truncated or len(tokens) > MAX_SOURCE_TOKENS)
            for index, tokens in enumerate(encoded)
        ]

    def _start(self, batch: list[list[str]]) -> list[Any]:
        prefix = [[self._package.target_prefix]] * len(batch) if self._package.target_prefix else None
        results: list[Any] = self._translator.translate_batch(
            batch,
            target_prefix=prefix,
            asynchronous=True,
            beam_size=self._settings.beam,
            max_input_length=0,
            max_decoding_length=self._settings.max_target_tokens,
            replace_unknowns=True,
            return_scores=True,
        )
        return results

    def _collect(self, pending: list[Any]) -> list[Hypothesis]:
        """Wait for the results of a batch.

        Raises:
            DecodingError: the engine failed, as for want of memory.
        """
        try:
            results = [result.result() for result in pending]
        except RuntimeError as error:
            raise DecodingError(
                f"{self._package.path}: CTranslate2 failed while decoding ({error}); "
                "try fewer --jobs, a smaller --beam or another --device"
            ) from error
        n_prefix = 1 if self._package.target_prefix else 0
        tokens = [result.hypotheses[0] for result in results]
        texts = self._tokenizer.decode([pieces[n_prefix:] for pieces in tokens])
        return [
            Hypothesis(
                text=text,
                score=_bounded(result.scores[0]),
                is_truncated=len(pieces) >= self._settings.max_target_tokens,
            )
            for text, pieces, result in zip(texts, tokens, results, strict=True)
        ]


def _bounded(score: float) -> float:
    """Return a score as a number that any reader takes: half precision can overflow to NaN."""
    return _NO_SCORE if math.isnan(score) else max(_NO_SCORE, min(0.0, score))


def _count_workers(settings: DecodingSettings) -> int:
    """Return one worker for each core, or a single one on a GPU: there, each would hold its own buffers."""
    return 1 if settings.device == "cuda" else count_cores()


def _load_translator(package: ModelPackage, settings: DecodingSettings) -> Any:
    import ctranslate2

    try:
        return ctranslate2.Translator(
            str(package.model_folder),
            device=settings.device,
            compute_type=settings.compute_type,
            inter_threads=settings.jobs or _count_workers(settings),
            # One core a batch; 0 has hung under load (OpenNMT/CTranslate2#2063).
            intra_threads=1,
            # Without a limit the planner's batches are all queued at once, and submitting never blocks.
            max_queued_batches=-1,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{package.model_folder}: CTranslate2 cannot load the model ({error})") from error
