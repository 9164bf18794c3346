"""Tiny models saved as folders in the Hugging Face layout, with tokenizers built on the spot."""

import io
import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "dog", "sat", "on", "mat", "and", "saw", "a", ".", ","]


def word_tokenizer() -> Any:
    """Whole words, with [CLS] and [SEP] around each text."""
    inner = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = [("[CLS]", 2), ("[SEP]", 3)]
    inner.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", marks)
    named = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return hf.PreTrainedTokenizerFast(tokenizer_object=inner, **named)


def byte_tokenizer() -> Any:
    """Byte-level pieces, as in GPT-2: 256 bytes, the end mark, and a few merges."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.post_processor = processors.ByteLevel(trim_offsets=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=269, initial_alphabet=alphabet, special_tokens=["<end>"])
    inner.train_from_iterator(["the cat sat on the mat"] * 3, trainer)
    return hf.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<end>", bos_token="<end>")


def classifier(rows: int = len(WORDS)) -> Any:
    torch.manual_seed(1)
    sizes = {"hidden_size": 20, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 29}
    labels = {"id2label": {0: "no", 1: "yes", 2: "perhaps"}, "label2id": {"no": 0, "yes": 1, "perhaps": 2}}
    return hf.BertForSequenceClassification(
        hf.BertConfig(**sizes, **labels, vocab_size=rows, max_position_embeddings=23)
    ).eval()


def writer() -> Any:
    torch.manual_seed(1)
    sizes = {"n_embd": 20, "n_layer": 3, "n_head": 5, "vocab_size": 269, "n_positions": 31}
    network = hf.GPT2LMHeadModel(hf.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)).eval()
    for name, parameter in network.named_parameters():
        if "c_attn.weight" in name or "wte" in name:
            torch.nn.init.normal_(parameter, std=0.7)
    return network


def save(folder: Path, network: Any, tokenizer: Any) -> Path:
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


PARALLEL = ("The cat sat on the mat .", "Die Katze saß auf der Matte .", "a dog saw the cat", "ein Hund sah die Katze")


def translator(folder: Path) -> Path:
    """A tiny random Marian with the SentencePiece files and the vocabulary that such models are published with."""
    folder.mkdir(parents=True, exist_ok=True)
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(PARALLEL * 4), model_writer=made, vocab_size=40, hard_vocab_limit=False, minloglevel=2
    )
    for side in ("source", "target"):
        (folder / f"{side}.spm").write_bytes(made.getvalue())
    reader = sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())
    own = [reader.id_to_piece(at) for at in range(3, reader.get_piece_size())]  # after <unk>, <s> and </s>
    pieces = ["</s>", "<unk>", *own, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({piece: at for at, piece in enumerate(pieces)}), encoding="utf-8")
    facts = {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "de"}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts), encoding="utf-8")
    torch.manual_seed(1)
    last = len(pieces) - 1
    sizes = {"d_model": 20, "encoder_layers": 3, "decoder_layers": 2, "vocab_size": len(pieces)}
    heads = {"encoder_attention_heads": 5, "decoder_attention_heads": 2, "encoder_ffn_dim": 29, "decoder_ffn_dim": 31}
    marks = {"pad_token_id": last, "decoder_start_token_id": last, "eos_token_id": 0, "forced_eos_token_id": 0}
    hf.MarianMTModel(hf.MarianConfig(**sizes, **heads, **marks, max_position_embeddings=61)).save_pretrained(folder)
    return folder
