"""A BERT of 12 layers and 12 heads with random weights, and texts of a known number of tokens for it."""

from pathlib import Path

from models.pretrained import MINILM

LAYERS = HEADS = 12
WORDS = "the cat saw a dog and then we all went home by the old road in rain".split()


def text(tokens: int, turn: int = 0) -> str:
    """A text that BERT's tokenizer makes into `tokens` pieces, its two marks included; another one each `turn`."""
    return " ".join(WORDS[(at + turn) % len(WORDS)] for at in range(tokens - 2))


def save(folder: Path, width: int) -> Path:
    """The model and MiniLM's tokenizer, as a folder that the page opens."""
    import transformers as hf

    from models.pretrained.places import locate

    sizes = {"hidden_size": width, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 192}
    hf.BertModel(hf.BertConfig(**sizes)).save_pretrained(folder)
    hf.AutoTokenizer.from_pretrained(locate(MINILM).folder).save_pretrained(folder)
    return folder
