"""Tiny models in the layouts that are converted: real files of `transformers` and Marian, a second of training each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "The library opens at nine on Tuesday.",
        "Fishermen of Sevan counted 340 boats.",
        "A new bridge joins both banks of the river.",
    ),
    "ru": (
        "Библиотека откроется во вторник в девять.",
        "Рыбаки Севана насчитали 340 лодок.",
        "Новый мост соединил оба берега реки.",
    ),
    "hy": (
        "Գրադարանը կբացվի երեքշաբթի ժամը իննին։",
        "Սևանի ձկնորսները հաշվեցին 340 նավակ։",
        "Նոր կամուրջը միացրեց գետի երկու ափերը։",
    ),
}
"""The same three sentences in each language; what the models learn by heart."""
NLLB_CODES = {"en": "eng_Latn", "ru": "rus_Cyrl", "hy": "hye_Armn"}
README = "---\nlanguage:\n- hy\nlicense: cc-by-4.0\n---\n\n# A tiny model for tests\n"
M2M100_CODES = {language: language for language in SENTENCES}
PAD, END = "<pad>", "</s>"
FAIRSEQ = ("<s>", PAD, END, "<unk>")
N_SPECIAL = 3
"""What SentencePiece puts before the pieces."""
WIDTH, FEED_FORWARD, N_STEPS = 32, 64, 60


def build_marian(folder: Path, *, source: str = "hy", targets: Sequence[str] = ("en",)) -> Path:
    """Write OPUS-MT as Hugging Face keeps it; with several targets, the first token of a source names the target."""
    import transformers

    folder.mkdir(parents=True)
    prefixes = _target_tokens(targets)
    tokens = [END, "<unk>", *prefixes.values(), *_train_sides(folder, source, targets), PAD]
    ids = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    _write_json(folder / "vocab.json", ids)
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "MarianTokenizer"})
    (folder / "README.md").write_text(README, encoding="utf-8")
    config = transformers.MarianConfig(
        vocab_size=len(ids),
        pad_token_id=ids[PAD],
        decoder_start_token_id=ids[PAD],
        eos_token_id=ids[END],
        bos_token_id=ids[END],
        forced_eos_token_id=None,
        activation_function="swish",
        max_position_embeddings=512,
        scale_embedding=True,
        **_sizes(),
    )
    model = _seeded(transformers.MarianMTModel, config)
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    samples = [
        (f"{prefixes[target]} {text}" if prefixes else text, expected)
        for target in targets
        for text, expected in zip(SENTENCES[source], SENTENCES[target], strict=True)
    ]
    _train(model, [(tokenizer(text).input_ids, tokenizer(text_target=goal).input_ids) for text, goal in samples])
    _save(model, folder)
    return folder


def build_m2m100(folder: Path) -> Path:
    """Write M2M100: pieces in `vocab.json`, then a hundred tokens of languages, then eight made-up words."""
    import transformers

    folder.mkdir(parents=True)
    pieces = _train_spm(folder / "sentencepiece.bpe.model", list(SENTENCES), n_pieces=420, kind="bpe")
    ids = {token: index for index, token in enumerate([*FAIRSEQ, *pieces])}
    _write_json(folder / "vocab.json", ids)
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "M2M100Tokenizer"})
    tokenizer = transformers.M2M100Tokenizer.from_pretrained(folder)
    _write_json(folder / "special_tokens_map.json", {"additional_special_tokens": list(tokenizer.lang_token_to_id)})
    _build_multilingual(folder, tokenizer, M2M100_CODES, n_tokens=len(ids) + 100 + 8)
    return folder


def build_nllb(folder: Path) -> Path:
    """Write NLLB-200: the pieces as SentencePiece orders them, 202 languages, `<mask>`, and two embeddings more."""
    import transformers
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    folder.mkdir(parents=True)
    pieces = _train_spm(folder / "sentencepiece.bpe.model", list(SENTENCES), n_pieces=420, kind="bpe")
    _write_tokenizer(folder / "tokenizer.json", [*FAIRSEQ, *pieces], [*FAIRSEQ_LANGUAGE_CODES, "<mask>"])
    _write_json(folder / "tokenizer_config.json", {"tokenizer_class": "NllbTokenizer"})
    tokenizer = transformers.NllbTokenizer.from_pretrained(folder)
    n_tokens = len(FAIRSEQ) + len(pieces) + len(FAIRSEQ_LANGUAGE_CODES) + 1 + 2
    _build_multilingual(folder, tokenizer, NLLB_CODES, n_tokens=n_tokens)
    return folder


def write_original_marian(folder: Path, hugging_face: Path) -> Path:
    """Write the files of Marian itself for a model that `build_marian` wrote: the same weights by their other names."""
    import transformers

    model = transformers.MarianMTModel.from_pretrained(hugging_face, local_files_only=True)
    folder.mkdir(parents=True)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes((hugging_face / name).read_bytes())
    ids = json.loads((hugging_face / "vocab.json").read_text(encoding="utf-8"))
    state = {name: value.numpy() for name, value in model.model.state_dict().items()}
    _write_marian(folder, [token for token in ids if token != PAD], state, model.final_logits_bias.numpy()[:, :-1])
    return folder


def build_random_marian(folder: Path, *, source: str = "ru", targets: Sequence[str] = ("hy",)) -> Path:
    """Write the files of Marian itself with random weights; needs no PyTorch."""
    folder.mkdir(parents=True)
    pieces = _train_sides(folder, source, targets)
    tokens = list(dict.fromkeys([END, "<unk>", *_target_tokens(targets).values(), *pieces]))
    _write_marian(folder, tokens, _random_state(len(tokens) + 1), np.zeros((1, len(tokens)), np.float32))
    return folder


def _write_marian(folder: Path, tokens: Sequence[str], state: Mapping[str, Any], bias: Any) -> None:
    weights = dict(_marian_weights(state)) | {"decoder_ff_logit_out_b": bias}
    weights["special:model.yml"] = np.frombuffer(_marian_settings().encode() + b"\0", dtype=np.int8)
    np.savez(folder / "model.npz", **weights)
    lines = [f"{json.dumps(token, ensure_ascii=False)}: {index}\n" for index, token in enumerate(tokens)]
    (folder / "vocab.yml").write_text("".join(lines), encoding="utf-8")
    (folder / "decoder.yml").write_text(
        "relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n  - vocab.yml\n  - vocab.yml\nbeam-size: 6\n",
        encoding="utf-8",
    )
    (folder / "LICENSE").write_text("Attribution 4.0 International\n\nText of the licence.\n", encoding="utf-8")


def _random_state(n_tokens: int) -> dict[str, Any]:
    random = np.random.default_rng(1)
    sizes: dict[str, tuple[int, ...]] = {"shared": (n_tokens, WIDTH)}
    norms = []
    for side, attentions in (("encoder", ("self_attn",)), ("decoder", ("self_attn", "encoder_attn"))):
        for layer in (f"{side}.layers.{index}" for index in range(2)):
            sizes |= {f"{layer}.fc1": (FEED_FORWARD, WIDTH), f"{layer}.fc2": (WIDTH, FEED_FORWARD)}
            parts = [f"{layer}.{name}.{part}_proj" for name in attentions for part in ("q", "k", "v", "out")]
            sizes |= dict.fromkeys(parts, (WIDTH, WIDTH))
            norms += [f"{layer}.{name}_layer_norm" for name in (*attentions, "final")]
    state = {f"{name}.weight": random.normal(0, 0.3, size).astype(np.float32) for name, size in sizes.items()}
    state |= {f"{name}.bias": np.zeros(size[0], np.float32) for name, size in sizes.items()}
    state |= {f"{name}.weight": np.ones(WIDTH, np.float32) for name in norms}
    return state | {f"{name}.bias": np.zeros(WIDTH, np.float32) for name in norms}


def _marian_weights(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "Wemb", state["shared.weight"][:-1]
    blocks = {"self_attn": ("self", "self_attn_layer_norm"), "encoder_attn": ("context", "encoder_attn_layer_norm")}
    for side, layer in (("encoder", 0), ("encoder", 1), ("decoder", 0), ("decoder", 1)):
        ours, theirs = f"{side}.layers.{layer}", f"{side}_l{layer + 1}"
        for block, (name, norm) in blocks.items():
            if f"{ours}.{block}.q_proj.weight" not in state:
                continue
            for letter, part in (("q", "q_proj"), ("k", "k_proj"), ("v", "v_proj"), ("o", "out_proj")):
                yield from _marian_linear(state, f"{ours}.{block}.{part}", f"{theirs}_{name}", letter)
            yield from _marian_norm(state, f"{ours}.{norm}", f"{theirs}_{name}_Wo")
        yield from _marian_linear(state, f"{ours}.fc1", f"{theirs}_ffn", "1")
        yield from _marian_linear(state, f"{ours}.fc2", f"{theirs}_ffn", "2")
        yield from _marian_norm(state, f"{ours}.final_layer_norm", f"{theirs}_ffn_ffn")


def _marian_linear(state: Mapping[str, Any], ours: str, theirs: str, suffix: str) -> Iterator[tuple[str, Any]]:
    yield f"{theirs}_W{suffix}", np.ascontiguousarray(state[f"{ours}.weight"].T)
    yield f"{theirs}_b{suffix}", state[f"{ours}.bias"][None]


def _marian_norm(state: Mapping[str, Any], ours: str, theirs: str) -> Iterator[tuple[str, Any]]:
    yield f"{theirs}_ln_scale", state[f"{ours}.weight"][None]
    yield f"{theirs}_ln_bias", state[f"{ours}.bias"][None]


def _marian_settings() -> str:
    return (
        "type: transformer\nenc-depth: 2\ndec-depth: 2\ntransformer-heads: 4\ntransformer-ffn-activation: swish\n"
        'transformer-preprocess: ""\ntransformer-postprocess: dan\ntransformer-postprocess-emb: d\n'
        "transformer-decoder-autoreg: self-attention\ntransformer-no-projection: false\n"
        "transformer-guided-alignment-layer: last\n"
    )


def _build_multilingual(folder: Path, tokenizer: Any, codes: Mapping[str, str], *, n_tokens: int) -> None:
    import transformers

    config = transformers.M2M100Config(
        vocab_size=n_tokens,
        max_position_embeddings=512,
        activation_function="relu",
        scale_embedding=True,
        decoder_start_token_id=FAIRSEQ.index(END),
        **_sizes(),
    )
    model = _seeded(transformers.M2M100ForConditionalGeneration, config)
    samples = []
    for source, target in permutations(SENTENCES, 2):
        tokenizer.src_lang, tokenizer.tgt_lang = codes[source], codes[target]
        for text, goal in zip(SENTENCES[source], SENTENCES[target], strict=True):
            samples.append((tokenizer(text).input_ids, tokenizer(text_target=goal).input_ids))
    _train(model, samples)
    _save(model, folder)


def _write_tokenizer(file: Path, tokens: Sequence[str], added: Sequence[str]) -> None:
    """Write `tokenizer.json` as it is beside NLLB-200: BPE over the pieces, and tokens added behind them."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    ids = {token: index for index, token in enumerate(tokens)}
    merges = [
        (token[:cut], token[cut:])
        for token in tokens
        for cut in range(1, len(token))
        if token[:cut] in ids and token[cut:] in ids
    ]
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=merges, unk_token="<unk>", fuse_unk=True))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (*FAIRSEQ, *added)])
    tokenizer.save(str(file))


def _train_sides(folder: Path, source: str, targets: Sequence[str]) -> list[str]:
    sides = (("source", [source]), ("target", list(targets)))
    return [piece for side, names in sides for piece in _train_spm(folder / f"{side}.spm", names, n_pieces=220)]


def _target_tokens(targets: Sequence[str]) -> dict[str, str]:
    return {target: f">>{NLLB_CODES[target].partition('_')[0]}<<" for target in targets} if len(targets) > 1 else {}


def _train_spm(file: Path, languages: Sequence[str], *, n_pieces: int, kind: str = "unigram") -> list[str]:
    import sentencepiece

    with file.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([text for language in languages for text in SENTENCES[language]] * 4),
            model_writer=stream,
            model_type=kind,
            vocab_size=n_pieces,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            num_threads=1,
            minloglevel=2,
        )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return [processor.id_to_piece(index) for index in range(N_SPECIAL, processor.get_piece_size())]


def _sizes() -> dict[str, Any]:
    return {
        "d_model": WIDTH,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": FEED_FORWARD,
        "decoder_ffn_dim": FEED_FORWARD,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        "encoder_layerdrop": 0.0,
        "decoder_layerdrop": 0.0,
        "init_std": 0.1,
    }


def _seeded(model_class: Any, config: Any) -> Any:
    import torch

    torch.manual_seed(1)
    return model_class(config)


def _train(model: Any, samples: Sequence[tuple[Sequence[int], Sequence[int]]]) -> None:
    """Teach a model its samples, roughly: it knows some by heart, and mixes others up."""
    import torch

    sources = _padded([source for source, _ in samples], model.config.pad_token_id)
    goals = _padded([goal for _, goal in samples], -100)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    model.train()
    for _ in range(N_STEPS):
        loss = model(input_ids=sources, attention_mask=(sources != model.config.pad_token_id).long(), labels=goals).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        # Marian decodes from an embedding of zeros, which is that of the padding in the models that are published.
        with torch.no_grad():
            model.model.shared.weight[model.config.pad_token_id] = 0
    model.eval()


def _padded(rows: Sequence[Sequence[int]], value: int) -> Any:
    import torch

    width = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (width - len(row))] for row in rows])


def _save(model: Any, folder: Path) -> None:
    model.generation_config.forced_eos_token_id = None
    model.save_pretrained(folder)


def _write_json(file: Path, values: object) -> None:
    file.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
