"""Tokens as the text they came from, so that every script and every emoji can be read on an axis."""

from collections.abc import Sequence
from typing import Any

from models.trace import Axis

BLANKS = str.maketrans({" ": "␣", "\n": "⏎", "\t": "⇥", "Ġ": "␣", "▁": "␣", "Ċ": "⏎"})
MARKS = " ▁Ġ"
SHIFTED = ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet", "data2vec-text", "esm", "roberta-prelayernorm")


def read(tokenizer: Any, encoding: Any, texts: Sequence[str]) -> Axis:
    """The axis of an encoding of one text, or of a pair."""
    ids = [int(one) for one in encoding["input_ids"]]
    special = tuple(bool(mark) for mark in encoding["special_tokens_mask"])
    pieces = tuple(str(piece) for piece in tokenizer.convert_ids_to_tokens(ids))
    spans = encoding.get("offset_mapping")
    if spans is None:
        return Axis(of_ids(tokenizer, ids).tokens, pieces, special)
    parts = encoding.sequence_ids()
    places = [None if part is None else (part, *span) for part, span in zip(parts, spans, strict=True)]
    return Axis(_words(places, pieces, texts), pieces, special)


def of_ids(tokenizer: Any, ids: Sequence[int]) -> Axis:
    """The axis of tokens that a model wrote itself; pieces of one character are numbered as in `read`."""
    pieces = tuple(str(piece) for piece in tokenizer.convert_ids_to_tokens(list(ids)))
    words: list[str] = []
    while len(words) < len(ids):
        at = len(words)
        if not pieces[at].strip(MARKS):  # a blank of its own, which decodes to nothing
            words.append(pieces[at].translate(BLANKS))
            continue
        size = next((n for n in range(1, 7) if at + n <= len(ids) and _complete(tokenizer, ids[at : at + n])), 0)
        text = visible(str(tokenizer.decode(list(ids[at : at + size])))) if size else ""
        words += [text if size == 1 else f"{text} {i + 1}/{size}" for i in range(size)] or [pieces[at]]
    return Axis(tuple(words), pieces, tuple(one in tokenizer.all_special_ids for one in ids))


def _complete(tokenizer: Any, ids: Sequence[int]) -> bool:
    """Whether these pieces decode to whole characters."""
    text = str(tokenizer.decode(list(ids)))
    return bool(text) and "\ufffd" not in text


def _words(
    places: Sequence[tuple[int, int, int] | None], pieces: Sequence[str], texts: Sequence[str]
) -> tuple[str, ...]:
    """Text under each span; pieces that share the bytes of one character are numbered: "猫 1/3"."""
    words = []
    for order, (place, piece) in enumerate(zip(places, pieces, strict=True)):
        text = "" if place is None else visible(texts[place[0]][place[1] : place[2]])
        if not text:
            words.append(piece if place is None else visible(piece.translate(BLANKS)))
            continue
        first, last = _run(places, order)
        words.append(text if first == last else f"{text} {order - first + 1}/{last - first + 1}")
    return tuple(words)


def _run(places: Sequence[tuple[int, int, int] | None], order: int) -> tuple[int, int]:
    """First and last neighbour with the same span."""
    first = last = order
    while first > 0 and places[first - 1] == places[order]:
        first -= 1
    while last + 1 < len(places) and places[last + 1] == places[order]:
        last += 1
    return first, last


def visible(text: str) -> str:
    """The text without outer blanks; blanks alone become signs."""
    return text.strip() or text.translate(BLANKS)


def known(tokenizer: Any, encoding: Any) -> tuple[bool, ...]:
    """Whether each token is in the vocabulary."""
    unknown = tokenizer.unk_token_id
    return tuple(unknown is None or int(one) != unknown for one in encoding["input_ids"])


def limit(config: Any, tokenizer: Any) -> int | None:
    """The most tokens the model was built for; None where positions are relative or not bounded.

    RoBERTa and its kin number positions from padding_idx + 1, which costs two of the table's rows.
    """
    names = ("max_position_embeddings", "n_positions", "max_target_positions")
    text = config.get_text_config()
    table = next((getattr(text, name) for name in names if getattr(text, name, None)), None)
    if table is not None and text.model_type in SHIFTED:
        table -= int(text.pad_token_id) + 1
    stated = getattr(tokenizer, "model_max_length", None)
    bounds = [int(bound) for bound in (table, stated) if bound and 0 < bound < 10**7]
    return min(bounds, default=None)
