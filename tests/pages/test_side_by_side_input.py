"""The first page and hard input: a sentence says what is wrong or was done, tokens stand as typed, nothing is lost."""

import pytest
from streamlit.testing.v1 import AppTest

import models
from tests.pages.front import (
    captions,
    cells,
    chosen,
    figure,
    figures,
    maps,
    notes,
    opened,
    seen,
    settled,
    title,
    typed,
    warnings,
    words,
)
from tests.pages.helper import PATIENCE, ROOT, problems

pytestmark = pytest.mark.usefixtures("patient")

TWO = ["Fully connected", "RNN"]
TEXT = "A fine film"

AS_TYPED = [
    ("🙂👍🎬", ["🙂", "👍", "🎬"]),
    ("这部电影很好", ["这", "部", "电", "影", "很", "好"]),
    ("فيلم جميل جدا", ["فيلم", "جميل", "جدا"]),
    ("<b>bold</b><script>", ["<", "b", ">", "bold", "<", "/", "b", ">", "<", "script", ">"]),
    ("<s> good </s>", ["<", "s", ">", "good", "<", "/", "s", ">"]),
    ("a\0b\u200bc", ["a", "U+0000", "b", "U+200B", "c"]),
    ("$x$ :red[x] **z**", ["$", "x", "$", ":", "red", "[", "x", "]", "*", "*", "z", "*", "*"]),
    ("&lt; &amp; `c`", ["&", "lt", ";", "&", "amp", ";", "`", "c", "`"]),
    ("good good GOOD", ["good", "good", "GOOD"]),
    ("=1+1 @cmd", ["=", "1", "+", "1", "@", "cmd"]),
]


@pytest.mark.parametrize(("text", "tokens"), AS_TYPED, ids=[ascii(text) for text, _ in AS_TYPED])
def test_tokens_stand_on_every_axis_as_typed(text: str, tokens: list[str]) -> None:
    app = typed(opened(TEXT, sentiment_models=TWO), text)
    assert problems(app) + warnings(app) == []
    trace = models.load("sentiment-rnn", device="cpu").trace(text)
    marked = [token if known else f"{token}°" for token, known in zip(tokens, trace.known, strict=True)]
    for key in ("sees_gradient", "sees_substitution", "words_gradient", "words_occlusion"):
        assert words(figure(app, key)) == marked
    assert words(figure(app, "sees_gradient"), "yaxis") == marked
    assert cells(app)["rnn"]["value"] == pytest.approx(trace.output["positive"], abs=1e-5)


def test_a_finding_and_a_caption_name_awkward_words_as_typed() -> None:
    app = opened(":red[x]", sentiment_models=TWO)
    typed(app, "<script> $x$")
    (line,) = (line for line in captions(app) if line.startswith("Not in the vocabulary"))
    known = models.load("sentiment-rnn", device="cpu").trace("<script> $x$")
    strange = dict.fromkeys(token for token, k in zip(known.tokens, known.known, strict=True) if not k)
    assert line.endswith(": " + ", ".join(f"“{token}”" for token in strange) + ".")
    raw = [item.value for item in app.markdown if "leaving out" in item.value.lower()]
    assert raw
    assert not any("“<" in text or "“$" in text or "“:red" in text for text in raw)
    assert any(f"“{token}”" in title(app, "words_occlusion") for token in known.tokens)


TOO_MUCH = [
    ("", "The text is empty. Type a sentence, or take one of the examples."),
    (" \n\t ", "The text is empty. Type a sentence, or take one of the examples."),
    ("x" * 100_000, "The text is too long: it has 100,000 characters, at most 81,920 are read."),
    ("字" * 5003, "The text is too long: it has 5,003 words and signs, at most 4,096 are read."),
    ("🙂" * 100_000, "The text is too long: it has 100,000 characters, at most 81,920 are read."),
    ("ab " * 4099, "The text is too long: it has 4,099 words and signs, at most 4,096 are read."),
    ("y" * 211, "One word has 211 characters, at most 200 are read."),
]


@pytest.mark.parametrize(
    ("text", "said"), TOO_MUCH, ids=["empty", "blank", "long", "chinese", "emoji", "words", "word"]
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(text: str, said: str) -> None:
    app = opened(TEXT, sentiment_models=TWO)
    before, drawn = figures(app), maps(app, "sees_gradient")["RNN"]
    typed(app, text)
    assert said in warnings(app)
    assert app.text_input(key="sentiment_text").value == text, "what was typed is gone"
    assert figures(app) == before
    assert (maps(app, "sees_gradient")["RNN"] == drawn).all()
    assert "Below: the last text that was answered." in captions(app)
    typed(app, "A finer film")
    assert warnings(app) == []
    assert len(words(figure(app, "sees_gradient"))) == 3


def test_beyond_sixty_four_tokens_full_connection_says_so_and_the_others_go_on() -> None:
    text = " ".join(["good", "bad", "film"] * 23)[: -len(" bad film")]
    assert len(text.split()) == 67
    app = opened(text, sentiment_models=TWO)
    said = "This network takes at most 64 tokens, the text has 67."
    assert cells(app)["mlp"] == {"text": "cannot take this text", "value": None, "bar": False, "pairs": []}
    output = models.load("sentiment-rnn", device="cpu").trace(text).output
    assert cells(app)["rnn"]["value"] == pytest.approx(output["positive"], abs=1e-5)
    for key in ("sees_gradient", "sees_substitution", "words_gradient", "reach", "gradient"):
        assert said in notes(figure(app, key)), key
    assert list(maps(app, "sees_gradient")) == ["RNN"]
    assert cells(app, "board_cost")["mlp"]["text"] == "—"
    chosen(app, "more", "Change one word")
    assert problems(app) + warnings(app) == []
    assert said in notes(figure(app, "changed_before"))


def test_exactly_sixty_four_tokens_are_taken() -> None:
    app = opened(" ".join(["good"] * 64), sentiment_models=TWO)
    assert cells(app)["mlp"]["value"] is not None


def test_beyond_the_matrices_limit_the_page_says_what_it_leaves_out() -> None:
    app = opened(" ".join(["fine"] * 131), sentiment_models=["RNN", "Attention"])
    assert problems(app) == []
    assert [seen(box.value) for box in app.info] == [
        "Influence matrices are drawn to 128 tokens; this text has 131.",
        "Leaving words out is shown to 128 tokens; this text has 131.",
        "Attention is drawn here to 128 tokens; this text has 131.",
        "Influence by distance is drawn for 3 to 128 tokens; this text has 131.",
    ]
    assert figures(app) == ["words_gradient", "reach", "gradient"]


def test_no_model_can_take_the_text_only_if_all_refuse() -> None:
    app = opened(" ".join(["fine"] * 67), sentiment_models=["Fully connected", "GRU"])
    assert cells(app)["gru"]["value"] is not None
    chosen(app, "more", "Shuffle the words")
    assert problems(app) + warnings(app) == []


MAPPED = ["Attention", "RNN"]
LONG = "q" * 90
BAD_ADDRESSES: list[tuple[dict, list[str]]] = [
    ({"task": "Poetry"}, ["task=Poetry"]),
    ({"layer": "99", "head": "-1", "sentiment_models": MAPPED}, ["layer=99", "head=-1"]),
    ({"sentiment_models": ["Abacus", *TWO]}, ["sentiment_models=Abacus"]),
    (
        {"sentiment_class": "purple", "colours": "plaid", "more": "Everything"},
        ["sentiment_class=purple", "colours=plaid", "more=Everything"],
    ),
    ({"sentiment_example": "missing", "change_part": "x"}, ["sentiment_example=missing", "change_part=x"]),
    (
        {"nonsense": "1", "__proto__": "2", "share": "x", "text_": "<script>"},
        ["nonsense", "__proto__", "share", "text_"],
    ),
    ({"weights": "<b>:red[x]</b> $y$", "change_place": "4"}, ["weights=<b>:red[x]</b> $y$", "change_place=4"]),
    ({"device": "abacus", "lecture": "perhaps"}, ["device=abacus", "lecture=perhaps"]),
    ({LONG: "1"}, [f"{LONG[:20]}…{LONG[:19]}"]),
    ({f"k{at}": "" for at in range(7)}, [f"k{at}" for at in range(5)]),
    ({"text": ""}, []),
    ({"colours": "linear", "task": "Sentiment", "change_place": "3", "lecture": "true", "device": "cpu"}, []),
]


def remarks(app: AppTest) -> list[str]:
    return [line for line in captions(app) if line.startswith("Ignored in the address")]


@pytest.mark.parametrize(("query", "named"), BAD_ADDRESSES, ids=[next(iter(query))[:20] for query, _ in BAD_ADDRESSES])
def test_unknown_and_out_of_range_keys_in_the_address_fall_back_and_are_named(query: dict, named: list[str]) -> None:
    app = opened(**{"text": TEXT, "sentiment_models": TWO, **query})
    assert problems(app) == []
    assert app.button_group(key="task").value == "Sentiment"
    if query.get("text") == "":
        assert warnings(app) == ["The text is empty. Type a sentence, or take one of the examples."]
        typed(app, TEXT)
    assert words(figure(app, "sees_gradient")) == ["A", "fine", "film"]
    every = ", ".join(f"“{entry}”" for entry in named) + (" …" if len(query) > len(named) and "k6" in query else "")
    start = "Ignored in the address, because this page has no such setting or value: "
    assert remarks(app) == ([f"{start}{every}."] if named else [])
    raw = [line.value for line in app.caption if "Ignored" in line.value]
    assert not any("<b>" in line or " :red[" in line or " $y" in line for line in raw)
    assert app.button_group(key="colours").value == "linear"
    assert app.button_group(key="more").value == "Distance"
    settled(app.run())
    assert problems(app) + warnings(app) == []
    typed(app, "Another fine film")
    assert remarks(app) == [], "the line stays although the reader asks for something else"


def test_an_address_of_another_page_is_not_held_against_this_one() -> None:
    for first, count in (("positions", 0), ("", 1)):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
        app.session_state["_opened_with"] = (first, {"nonsense": ["1"]})
        assert len(remarks(settled(app.run()))) == count
