"""What is measured, each in a process of its own: `python -m tests.bench.contestants NAME ARGUMENTS-AS-JSON`.

The last line of stdout is a JSON object with `seconds`, and whatever else there is to tell.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEAM = 4


def argos(news: str, packages: str, source: str, target: str) -> dict[str, Any]:
    """Translate articles one by one with the API of Argos; loading the model is not counted.

    Its sentence splitter would download a model; newsmt's own cuts in its place.
    """
    os.environ.update(ARGOS_PACKAGES_DIR=packages, ARGOS_BEAM_SIZE=str(BEAM), ARGOS_INTRA_THREADS=str(_n_cores()))
    from argostranslate import translate

    from pipeline.sentences import split_sentences

    cached = translate.get_translation_from_codes(source, target)
    package_translation = cached.underlying

    class OwnSplitter:
        def split_sentences(self, text: str) -> list[str]:
            return [text[start:end] for start, end in split_sentences(text, source)]

    package_translation.sentencizer = OwnSplitter()
    texts = ["\n".join((record["title"], *record["paragraphs"])) for record in _records(news)]
    cached.translate("Now.")
    began = time.perf_counter()
    for text in texts:
        cached.translate(text)
    return {"seconds": time.perf_counter() - began}


def limit(segments: str, package: str, max_batch_tokens: int) -> dict[str, Any]:
    """Decode segments with CTranslate2 alone: unique, tokenised, sorted; neither loading nor tokenising is counted."""
    import ctranslate2

    from pipeline.decode.tokenizer import load_tokenizer
    from pipeline.models.package import read_packages

    (found,) = read_packages(Path(package))
    texts = json.loads(Path(segments).read_text("utf-8"))
    tokens = sorted(load_tokenizer(found).encode(texts), key=len, reverse=True)
    translator = ctranslate2.Translator(str(found.model_folder), inter_threads=_n_cores(), intra_threads=1)
    translator.translate_batch(tokens[-4:], beam_size=BEAM)
    began = time.perf_counter()
    translator.translate_batch(tokens, beam_size=BEAM, max_batch_size=max_batch_tokens, batch_type="tokens")
    return {"seconds": time.perf_counter() - began, "n_segments": len(tokens), "n_tokens": sum(map(len, tokens))}


def one_by_one(segments: str, package: str) -> dict[str, Any]:
    """Decode segments one call at a time and return the translations."""
    from dataclasses import replace

    from pipeline.config import DecodingSettings
    from pipeline.decode.engine import Engine
    from pipeline.decode.queue import decode
    from pipeline.models.package import read_packages

    (found,) = read_packages(Path(package))
    engine = Engine(found, replace(DecodingSettings(jobs=1), beam=BEAM))
    texts = json.loads(Path(segments).read_text("utf-8"))
    began = time.perf_counter()
    translations = [decode(engine, [text])[0].text for text in texts]
    return {"seconds": time.perf_counter() - began, "translations": translations}


def all_but_decoding(news: str, packages: str, target: str, out: str) -> dict[str, Any]:
    """Run newsmt and return the processor time of its main thread: all but decoding, which has threads of its own.

    Imports and loading are not counted: a first run over a few articles does them.
    """
    from pipeline import api
    from pipeline.config import DecodingSettings, RunConfig

    def run(name: str, inputs: str) -> None:
        api.run_config(
            RunConfig(
                inputs=(inputs,),
                to=(target,),
                out=Path(out) / name,
                models=packages,
                raw=True,
                decoding=DecodingSettings(beam=1, jobs=1, max_target_tokens=48),
            )
        )

    few = Path(out) / "few.jsonl"
    few.parent.mkdir(parents=True, exist_ok=True)
    few.write_text("".join(Path(news).read_text("utf-8").splitlines(keepends=True)[:20]), encoding="utf-8")
    run("warm", str(few))
    began = time.thread_time()
    run("measured", news)
    return {"seconds": time.thread_time() - began}


def warm_memory(segments: str, packages: str, source: str, target: str, out: str) -> dict[str, Any]:
    """Look segments up that are all in the memory of an output folder, through the translator of a run."""
    from pipeline.config import DecodingSettings
    from pipeline.decode.hypothesis import Hypothesis, KeyMaker
    from pipeline.decode.translator import Request, Translator
    from pipeline.models.registry import open_model_set
    from pipeline.store.dataset import open_dataset
    from pipeline.types import LanguagePair

    texts = json.loads(Path(segments).read_text("utf-8"))
    pair = LanguagePair(source=source, target=target)
    requests = [Request(pair=pair, text=text) for text in texts]
    models = open_model_set(packages)
    with open_dataset(Path(out)) as dataset:
        key = KeyMaker(f"{models.packages[pair].sha256}|{DecodingSettings().signature}").key
        keys = map(key, texts)
        dataset.memory.add(
            {key: Hypothesis(text=text, score=-0.5, is_sound=True) for key, text in zip(keys, texts, strict=True)}
        )
        dataset.memory.flush()
        dataset.memory.discard()
    with open_dataset(Path(out)) as dataset:
        translator = Translator(models, DecodingSettings(), dataset.memory)
        began = time.perf_counter()
        translations = translator.translate(requests)
        seconds = time.perf_counter() - began
    if not all(translation.from_memory for translation in translations.values()):
        raise RuntimeError("not all segments were in the memory")
    return {"seconds": seconds, "n_segments": len(requests)}


def _records(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]


def _n_cores() -> int:
    return len(os.sched_getaffinity(0))


CONTESTANTS: dict[str, Callable[..., dict[str, Any]]] = {
    "argos": argos,
    "limit": limit,
    "one-by-one": one_by_one,
    "all-but-decoding": all_but_decoding,
    "warm-memory": warm_memory,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(CONTESTANTS[sys.argv[1]](**json.loads(sys.argv[2]))) + "\n")
