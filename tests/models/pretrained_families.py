"""Tiny random models of each family, one configuration each: nothing is downloaded. Sizes are distinct primes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import transformers as hf

from models.cards import ModelCard
from models.pretrained.model import PretrainedModel

WORDS, LENGTH, AIMED, FRAMES = 97, 11, 7, 17
BERT = {
    "hidden_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 29,
    "vocab_size": WORDS,
    "max_position_embeddings": 61,
}
LLAMA = {**BERT, "hidden_size": 30, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 10}
MIXED = ["sliding_attention", "full_attention", "sliding_attention"]
PAIR = {
    "d_model": 20,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_attention_heads": 5,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 29,
    "decoder_ffn_dim": 31,
    "vocab_size": WORDS,
}
VIT = {
    "hidden_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 29,
    "image_size": 21,
    "patch_size": 7,
}
T5 = {
    "d_model": 20,
    "d_kv": 7,
    "d_ff": 29,
    "num_layers": 3,
    "num_decoder_layers": 2,
    "num_heads": 5,
    "vocab_size": WORDS,
}
OSS = {**LLAMA, "hidden_size": 28, "num_local_experts": 3, "num_experts_per_tok": 2, "intermediate_size": 20}


@dataclass(frozen=True)
class Family:
    """How to build one, and the kinds of attention it must show; empty kinds: it says plainly that it has none."""

    build: Callable[[], Any]
    kinds: tuple[str, ...] = ("encoder",)
    route: str = "recorded"
    spans: tuple[str, ...] = ()


def _gpt2() -> Any:
    return hf.GPT2LMHeadModel(hf.GPT2Config(n_embd=20, n_layer=3, n_head=5, vocab_size=WORDS, n_positions=61))


def _next() -> Any:
    linear = {"linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 5}
    experts = {"num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 8}
    extra = {"linear_value_head_dim": 7, "shared_expert_intermediate_size": 11, "num_hidden_layers": 4}
    return hf.Qwen3NextForCausalLM(
        hf.Qwen3NextConfig(**{**LLAMA, **linear, **experts, **extra, "hidden_size": 28, "head_dim": 16})
    )


def _whisper() -> Any:
    sizes = {"num_mel_bins": 13, "max_source_positions": FRAMES, "max_target_positions": 19}
    marks = {"decoder_start_token_id": 2, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    return hf.WhisperForConditionalGeneration(hf.WhisperConfig(**PAIR, **sizes, **marks))


def _trocr() -> Any:
    sizes = {"vocab_size": WORDS, "d_model": 20, "decoder_layers": 2, "decoder_attention_heads": 2}
    decoder = hf.TrOCRConfig(**sizes, decoder_ffn_dim=29, cross_attention_hidden_size=20, max_position_embeddings=31)
    return hf.VisionEncoderDecoderModel(
        config=hf.VisionEncoderDecoderConfig.from_encoder_decoder_configs(hf.ViTConfig(**VIT), decoder)
    )


LOUD = ("sink", "relative_attention_bias", "q_proj", "k_proj", "query.", "key.", "query_key_value", "c_attn", "Wqkv")
ALL = ("encoder", "decoder", "cross")
LEFT = ("decoder",)
WINDOW = ("window of 5", "full", "window of 5")
FAMILIES = {
    "bert": Family(lambda: hf.BertModel(hf.BertConfig(**BERT))),
    "roberta": Family(lambda: hf.RobertaModel(hf.RobertaConfig(**BERT))),
    "distilbert": Family(
        lambda: hf.DistilBertModel(hf.DistilBertConfig(dim=20, n_layers=3, n_heads=5, hidden_dim=29, vocab_size=WORDS))
    ),
    "albert": Family(lambda: hf.AlbertModel(hf.AlbertConfig(**BERT, embedding_size=13))),
    "modernbert": Family(
        lambda: hf.ModernBertModel(hf.ModernBertConfig(**BERT, local_attention=4, pad_token_id=0)),
        spans=("full", "window of 5", "window of 5"),
    ),
    "gpt2": Family(_gpt2, LEFT),
    "gpt-neox": Family(lambda: hf.GPTNeoXForCausalLM(hf.GPTNeoXConfig(**BERT)), LEFT),
    "llama": Family(lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**LLAMA)), LEFT),
    "mistral": Family(
        lambda: hf.MistralForCausalLM(hf.MistralConfig(**LLAMA, sliding_window=5)), LEFT, spans=("window of 5",) * 3
    ),
    "qwen2-window": Family(
        lambda: hf.Qwen2ForCausalLM(
            hf.Qwen2Config(
                **{**BERT, "hidden_size": 28, "num_key_value_heads": 1},
                use_sliding_window=True,
                sliding_window=5,
                max_window_layers=1,
            )
        ),
        LEFT,
        spans=("full", "window of 5", "window of 5"),
    ),
    "qwen3": Family(lambda: hf.Qwen3ForCausalLM(hf.Qwen3Config(**LLAMA)), LEFT),
    "qwen3-window": Family(
        lambda: hf.Qwen3ForCausalLM(
            hf.Qwen3Config(**LLAMA, use_sliding_window=True, sliding_window=5, max_window_layers=1)
        ),
        LEFT,
        spans=("full", "window of 5", "window of 5"),
    ),
    "llama4": Family(
        lambda: hf.Llama4ForCausalLM(
            hf.Llama4TextConfig(
                **{**LLAMA, "intermediate_size_mlp": 29, "num_local_experts": 2},
                attention_chunk_size=5,
                moe_layers=[],
                no_rope_layers=[1, 0, 1],
            )
        ),
        LEFT,
        spans=("chunks of 5", "full", "chunks of 5"),
    ),
    "gemma2": Family(
        lambda: hf.Gemma2ForCausalLM(hf.Gemma2Config(**LLAMA, sliding_window=5, attn_logit_softcapping=1.5)),
        LEFT,
        spans=WINDOW,
    ),
    "gemma3": Family(
        lambda: hf.Gemma3ForCausalLM(hf.Gemma3TextConfig(**LLAMA, sliding_window=5, layer_types=MIXED)),
        LEFT,
        spans=WINDOW,
    ),
    "gpt-oss": Family(
        lambda: hf.GptOssForCausalLM(hf.GptOssConfig(**OSS, sliding_window=5, layer_types=MIXED)), LEFT, spans=WINDOW
    ),
    "qwen3-next": Family(_next, LEFT),
    "bloom": Family(
        lambda: hf.BloomForCausalLM(hf.BloomConfig(hidden_size=20, n_layer=3, n_head=5, vocab_size=WORDS)),
        LEFT,
        "eager",
    ),
    "gpt-neo": Family(
        lambda: hf.GPTNeoForCausalLM(
            hf.GPTNeoConfig(
                vocab_size=WORDS,
                hidden_size=20,
                num_layers=3,
                num_heads=5,
                window_size=5,
                attention_types=[[["global", "local", "global"], 1]],
                max_position_embeddings=61,
            )
        ),
        LEFT,
        "eager",
        spans=("full", "window of 5", "full"),
    ),
    "falcon-alibi": Family(lambda: hf.FalconForCausalLM(hf.FalconConfig(**BERT, alibi=True)), LEFT, "eager"),
    "deberta": Family(
        lambda: hf.DebertaV2Model(
            hf.DebertaV2Config(**BERT, relative_attention=True, pos_att_type=["p2c", "c2p"], type_vocab_size=0)
        ),
        route="eager",
    ),
    "longformer": Family(
        lambda: hf.LongformerModel(hf.LongformerConfig(**BERT, attention_window=4)),
        route="eager",
        spans=("window of 5",) * 3,
    ),
    "t5": Family(lambda: hf.T5ForConditionalGeneration(hf.T5Config(**T5, decoder_start_token_id=0)), ALL),
    "bart": Family(lambda: hf.BartForConditionalGeneration(hf.BartConfig(**PAIR, max_position_embeddings=61)), ALL),
    "marian": Family(
        lambda: hf.MarianMTModel(
            hf.MarianConfig(**PAIR, max_position_embeddings=61, pad_token_id=0, decoder_start_token_id=0)
        ),
        ALL,
    ),
    "bert-to-bert": Family(
        lambda: hf.EncoderDecoderModel(
            config=hf.EncoderDecoderConfig.from_encoder_decoder_configs(
                hf.BertConfig(**BERT), hf.BertConfig(**BERT, is_decoder=True, add_cross_attention=True)
            )
        ),
        ALL,
    ),
    "trocr": Family(_trocr, ALL, "eager"),
    "whisper": Family(_whisper, ALL),
    "vit": Family(lambda: hf.ViTModel(hf.ViTConfig(**VIT))),
    "deit": Family(lambda: hf.DeiTModel(hf.DeiTConfig(**VIT))),
    "dinov2-registers": Family(
        lambda: hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(**VIT, num_register_tokens=4))
    ),
    "swin": Family(
        lambda: hf.SwinModel(
            hf.SwinConfig(image_size=28, patch_size=7, embed_dim=6, depths=[2, 2], num_heads=[2, 3], window_size=2)
        ),
        (),
        "eager",
    ),
}


def card(name: str) -> ModelCard:
    return ModelCard(name, name, "test", name, 0, "none", "random", "", {}, (), {}, {})


def build(name: str) -> Any:
    """A seeded random network; what shapes the maps is drawn wide enough to matter."""
    torch.manual_seed(3)
    network = FAMILIES[name].build()
    network.set_attn_implementation("eager")
    for title, parameter in network.named_parameters():
        if any(word in title for word in LOUD):
            torch.nn.init.normal_(parameter, std=0.5)
    return network.eval().requires_grad_(False)


@cache
def model(name: str) -> PretrainedModel:
    return PretrainedModel(build(name), card(name))


def tensors(network: Any, seed: int = 5, length: int = LENGTH) -> dict[str, torch.Tensor]:
    """One random input of the network's own kind."""
    draw = torch.Generator().manual_seed(seed)
    main = network.main_input_name
    if main == "input_ids":
        given = {main: torch.randint(3, WORDS, (1, length), generator=draw)}
    elif main == "pixel_values":
        side = getattr(network.config, "encoder", network.config).image_size
        given = {main: torch.randn((1, 3, side, side), generator=draw)}
    else:
        given = {main: torch.randn((1, 13, 2 * FRAMES), generator=draw)}
    if network.config.is_encoder_decoder:
        given["decoder_input_ids"] = torch.randint(3, WORDS, (1, AIMED), generator=draw)
    return given
