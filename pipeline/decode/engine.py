"""The engine: CTranslate2 with the model of one package."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from typing import Any

from pipeline.config import DecodingSettings
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.tokenizer import load_tokenizer
from pipeline.decode.ways import FIRST, Way
from pipeline.errors import DecodingError, ModelError
from pipeline.models.package import ModelPackage

_NO_SCORE = -100.0
_NEWER_MODEL = re.compile(r"model has binary version v\d{1,3}\.|[Uu]nsupported model (spec|revision)")
"""What CTranslate2 says of a model that it is too old for; a damaged file claims to be of version 1998614382 or so."""
MAX_SOURCE_TOKENS = 490
"""Longer sources are cut and count as truncated: models know 500 positions or more, and CTranslate2 fails past them.

Source: `MakeSinusoidalPositionEncodings` of CTranslate2 (500), Marian's and OPUS-MT's `max_length` (512).
"""


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Engine:
    """One direction of a loaded model: texts to tokens, batches of tokens to hypotheses.

    Args:
        package: the direction.
        settings: how to decode.
        weights: what `load_weights` returned for another direction of the same model, to be shared with it.

    Raises:
        ModelError: the model or its tokenizer is damaged.
    """

    def __init__(self, package: ModelPackage, settings: DecodingSettings, *, weights: Any = None) -> None:
        self._package = package
        self._direction = package.direction
        self.settings = settings
        self._tokenizer = load_tokenizer(package)
        self._translator = weights or load_weights(package, settings)
        self._n_around = len(self._direction.source_prefix) + len(self._direction.source_suffix)

    def encode(self, texts: Sequence[str]) -> tuple[list[list[str]], set[int]]:
        """Return the tokens of each text, same order, and the places of those that were too long and cut."""
        encoded = self._tokenizer.encode(texts)
        most = MAX_SOURCE_TOKENS - self._n_around
        cut = {place for place, tokens in enumerate(encoded) if len(tokens) > most}
        for place in cut:
            del encoded[place][most:]
        if not self._n_around:
            return encoded, cut
        before, after = self._direction.source_prefix, self._direction.source_suffix
        return [[*before, *tokens, *after] for tokens in encoded], cut

    def start(self, batch: Sequence[list[str]], way: Way = FIRST) -> list[Any]:
        """Hand a batch to the workers and return at once; `wait` takes what this returns."""
        prefix = [list(self._direction.target_prefix)] * len(batch) if self._direction.target_prefix else None
        results: list[Any] = self._translator.translate_batch(
            batch,
            target_prefix=prefix,
            asynchronous=True,
            beam_size=self.settings.beam * way.beam_factor,
            no_repeat_ngram_size=way.no_repeat,
            repetition_penalty=way.penalty,
            max_input_length=0,
            max_decoding_length=self.settings.max_target_tokens,
            replace_unknowns=True,
            return_scores=True,
        )
        return results

    def wait(self, pending: Sequence[Any]) -> list[Any]:
        """Wait until a batch is decoded.

        Raises:
            DecodingError: the engine failed, as for want of memory.
        """
        try:
            return [result.result() for result in pending]
        except RuntimeError as error:
            raise DecodingError(
                f"{self._package.path}: CTranslate2 failed while decoding ({error}); "
                "try fewer --jobs, a smaller --beam or another --device"
            ) from error

    def hypotheses(self, results: Sequence[Any]) -> list[Hypothesis]:
        """Return the hypotheses of a decoded batch, one for each text, same order."""
        n_prefix = len(self._direction.target_prefix)
        tokens = [result.hypotheses[0] for result in results]
        texts = self._tokenizer.decode([pieces[n_prefix:] for pieces in tokens] if n_prefix else tokens)
        most = self.settings.max_target_tokens
        return [
            Hypothesis(text, _bounded(result.scores[0]), len(pieces) >= most)
            for text, pieces, result in zip(texts, tokens, results, strict=True)
        ]


def _bounded(score: float) -> float:
    """Return a score as a number that any reader takes: half precision can overflow to NaN."""
    return _NO_SCORE if math.isnan(score) else max(_NO_SCORE, min(0.0, score))


def count_workers(settings: DecodingSettings) -> int:
    """Return the number of batches that are decoded at once.

    That is as many as there are cores, or one on a GPU: there, each would hold its own buffers.
    """
    return settings.jobs or (1 if settings.device == "cuda" else count_cores())


def load_weights(package: ModelPackage, settings: DecodingSettings) -> Any:
    """Return the model of a package as a `ctranslate2.Translator`, which directions of one model can share.

    Raises:
        ModelError: the model is damaged, or of a newer version of CTranslate2.
    """
    import ctranslate2

    try:
        return ctranslate2.Translator(
            str(package.model_folder),
            device=settings.device,
            compute_type=settings.compute_type,
            inter_threads=count_workers(settings),
            # One core a batch; 0 has hung under load (OpenNMT/CTranslate2#2063).
            intra_threads=1,
            # Our own queue lets few batches in; without this, handing over could block.
            max_queued_batches=-1,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{package.model_folder}: {_load_failure(str(error))}") from error


def _load_failure(reason: str) -> str:
    if _NEWER_MODEL.search(reason):
        return f"the model needs a newer CTranslate2 ({reason}); upgrade it: pip install --upgrade ctranslate2"
    return f"CTranslate2 cannot load the model ({reason}); get the package again"
