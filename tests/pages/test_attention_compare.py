"""One input through two models, of which one or both are the reader's own."""

from pathlib import Path

import numpy as np
import pytest

from models import load
from models.trace import AttentionRecord
from pages.heads import compare, header, source, work
from pages.heads.subject import Request, Subject
from tests.models.pretrained_folders import byte_tokenizer, classifier, save, translator, word_tokenizer, writer
from tests.pages.helper import open_app
from tests.pages.test_attention import PAGE, settled, texts

pytestmark = pytest.mark.usefixtures("patient")


def run(folder: str, given: str | tuple[str, str]) -> Subject:
    return work.traced(lambda *_: None, Request(folder, given, "cpu"))


def map_of(record: AttentionRecord | None) -> np.ndarray:
    assert record is not None
    return record.map(0, 0)


def test_a_folder_is_compared_with_another_folder(tmp_path: Path) -> None:
    louder = classifier()
    for name, parameter in louder.named_parameters():
        if "query." in name or "key." in name:
            parameter.data *= 20  # so that its weights differ
    networks = {"first": classifier(), "second": louder}
    folders = [str(save(tmp_path / name, network, word_tokenizer())) for name, network in networks.items()]
    app = open_app(PAGE, model=source.FOLDER, view="Compare", against="another model", other=source.FOLDER)
    app.text_input(key="folder").set_value(folders[0]).run()
    settled(app, lambda app: source.WANTED in texts(app))
    app.text_input(key="heads_text_any").set_value("the cat sat").run()
    app.text_input(key="other_folder").set_value(folders[1]).run()
    settled(app, lambda app: "of the weight moves" in texts(app))
    first, second = (map_of(load(folder, "cpu").trace("the cat sat").attention) for folder in folders)
    moved = np.abs(second - first).sum(axis=1) / 2
    assert f"{moved.mean():.0%} of the weight moves" in texts(app)
    assert moved.mean() > 0.01
    assert ".] first" in texts(app)
    assert ".] second" in texts(app)


def test_a_folder_that_cannot_read_the_input_is_answered_in_words(tmp_path: Path) -> None:
    folder = str(save(tmp_path / "reader", classifier(), word_tokenizer()))
    app = open_app(PAGE, model="digits-vit", view="Compare", other=source.FOLDER)
    settled(app, lambda app: source.WANTED in texts(app))
    app.text_input(key="other_folder").set_value(folder).run()
    settled(app, lambda app: "reads a text or a pair of texts" in texts(app))


def test_unknown_models_are_offered_and_bundled_ones_where_they_read_the_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(source, "names", lambda: [source.FIRST, "digits-vit", "minilm", "hub:a/b", source.FOLDER])
    folder = str(save(tmp_path / "reader", classifier(), word_tokenizer()))
    assert compare.offers(run(folder, "the cat")) == [source.FIRST, "minilm", "hub:a/b", source.FOLDER]
    assert compare.offers(run(folder, ("the cat", "sat"))) == ["minilm", "hub:a/b", source.FOLDER]


def test_a_source_with_its_target_is_compared_where_both_models_read_one(tmp_path: Path) -> None:
    pair = run(str(translator(tmp_path / "translator")), ("the cat", "the dog"))
    compare.matching(pair, pair)
    two = run(str(save(tmp_path / "author", writer(), byte_tokenizer())), ("the cat", "the dog"))
    with pytest.raises(ValueError, match="translator reads a source and its target, author two texts"):
        compare.matching(two, pair)


def test_the_facts_name_the_heads_of_each_kind_and_the_tokens_of_both_sides(tmp_path: Path) -> None:
    pair = run(str(translator(tmp_path / "translator")), ("the cat sat", "Hund"))
    sizes = {side: len(pair.trace.axes[side].tokens) for side in ("encoder", "decoder")}
    assert sizes["encoder"] != sizes["decoder"]
    assert header.facts(pair) == (
        "translator · 3 encoder layers of 5 heads, 2 decoder layers of 2 heads, 2 cross layers of 2 heads · "
        f"{sizes['encoder']} source tokens and {sizes['decoder']} target tokens · queries and keys recorded"
    )
    one = run(str(save(tmp_path / "author", writer(), byte_tokenizer())), "the cat")
    assert header.facts(one).startswith("author · 3 decoder layers of 5 heads · ")
