"""The training recipe end to end: thirty steps make a package that Argos Translate can load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed", exc_type=ImportError)

from pipeline.newsbrief.evaluate import translate
from pipeline.newsbrief.generate import load_grammar, sample
from pipeline.newsbrief.held_out import held_out_briefs
from pipeline.newsbrief.settings import TrainSettings
from pipeline.newsbrief.train import TrainingAbortedError, train

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {
    "source": "en",
    "target": "hy",
    "n_steps": 30,
    "n_threads": 2,
    "batch_tokens": 512,
    "pool_size": 1024,
    "tokenizer_briefs": 2000,
    "n_pieces": 1500,
    "n_held_out": 4,
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("packages")
    train(TrainSettings(**SETTINGS), output=output)
    return output / "translate-en_hy-1_0"


def test_package_has_the_layout_of_argos(package: Path) -> None:
    names = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert names == {
        "README.md",
        "metadata.json",
        "model/config.json",
        "model/model.bin",
        "model/shared_vocabulary.json",
        "sentencepiece.model",
    }


def test_metadata_name_the_pair_and_the_scores(package: Path) -> None:
    metadata = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    assert (metadata["from_code"], metadata["to_code"], metadata["package_version"]) == ("en", "hy", "1.0")
    assert metadata["training"] == {"seed": 1, "n_steps": 30}
    assert metadata["held_out"]["n_sentences"] == 4


def test_package_translates_each_sentence(package: Path) -> None:
    sources = [brief.en for brief in held_out_briefs(load_grammar(), n=3)]
    translations = translate(package, sources, beam_size=1)
    assert len(translations) == 3


def test_argos_loads_the_package(package: Path) -> None:
    argos = pytest.importorskip("argostranslate.package")
    loaded = argos.Package(package)
    assert (loaded.from_code, loaded.to_code, loaded.from_name, loaded.to_name) == ("en", "hy", "English", "Armenian")
    assert loaded.tokenizer.encode("Snow in Riga")


def test_tokenizer_gives_text_back_unchanged(package: Path) -> None:
    import sentencepiece

    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    texts = [text for brief in sample(load_grammar(), seed=5, n=500) for text in (brief.en, brief.hy)]
    assert [tokenizer.decode(tokenizer.encode(text)) for text in texts] == texts


def test_exported_weights_are_the_networks(tmp_path: Path) -> None:
    import ctranslate2
    import torch

    from pipeline.newsbrief.export import export_weights
    from pipeline.newsbrief.network import Network, NetworkSettings

    torch.manual_seed(3)
    network = Network(NetworkSettings(n_pieces=60)).eval()
    pieces = ["<unk>", "<s>", "</s>", *(f"p{i}" for i in range(57))]
    export_weights(network, pieces, tmp_path)
    source, target = [5, 9, 33, 12, 58], [7, 21, 8]
    with torch.no_grad():
        states = network(torch.tensor([[*source, 2]]), torch.tensor([[1, *target]]))
        expected = network.logits(states[0]).log_softmax(-1)[range(4), [*target, 2]]
    translator = ctranslate2.Translator(str(tmp_path), intra_threads=1)
    (scored,) = translator.score_batch([[pieces[i] for i in source]], [[pieces[i] for i in target]])
    assert scored.log_probs == pytest.approx(expected.tolist(), abs=0.1)


def test_same_seed_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    train(TrainSettings(**SETTINGS), output=tmp_path)
    again = tmp_path / package.name
    for name in ("model/model.bin", "sentencepiece.model", "metadata.json"):
        assert (again / name).read_bytes() == (package / name).read_bytes(), name


def test_training_beyond_its_cap_is_aborted(tmp_path: Path) -> None:
    with pytest.raises(TrainingAbortedError, match="raise --minutes or lower --steps"):
        train(TrainSettings(**{**SETTINGS, "cap_s": 0.0}), output=tmp_path)
    assert not list(tmp_path.iterdir())
