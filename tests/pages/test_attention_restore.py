"""A saved view brings back every choice, and says so when model or input are not the same here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models import load
from pages.heads import restore, source, work
from pages.heads.subject import Request
from tests.models.pretrained_folders import byte_tokenizer, classifier, save, word_tokenizer, writer
from tests.pages.helper import open_app
from tests.pages.test_attention import PAGE, drawn, settled, texts

pytestmark = pytest.mark.usefixtures("patient")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def file_of(revision: str = "", **settings: object) -> bytes:
    facts = {"format": restore.MARK, "revision": revision, "settings": {"model": source.FIRST, **settings}}
    return json.dumps(facts).encode()


def opened(app: AppTest, content: bytes) -> AppTest:
    app.get("file_uploader")[0].upload("view.json", content, "application/json").run()
    return settled(app, drawn)


def test_the_taken_apart_query_and_key_come_back() -> None:
    app = settled(open_app(PAGE, view="Anatomy"), lambda app: len(drawn(app)) == 3)
    app.selectbox(key="heads_query").set_value(4).run()
    app.selectbox(key="heads_key").set_value(2).run()
    settled(app, lambda app: len(drawn(app)) == 3)
    names = (*restore.KEYS, *restore.PLACES)
    kept = {name: app.session_state[name] for name in names if name in app.session_state}
    fresh = opened(open_app(PAGE), file_of(**kept))
    settled(fresh, lambda app: len(drawn(app)) == 3)
    assert [fresh.selectbox(key=key).value for key in ("heads_query", "heads_key")] == [4, 2]


def test_heads_beside_the_chosen_one_come_back() -> None:
    fresh = opened(open_app(PAGE), file_of(beside=["2", "4"], top="2"))
    assert fresh.multiselect(key="beside").value == ["2", "4"]


@pytest.mark.parametrize("kept", [{"heads_query": -1}, {"step": True}, {"heads_key": "3"}, {"beside": "12"}])
def test_what_is_no_position_is_left_out(kept: dict[str, object]) -> None:
    assert restore.read(file_of(**kept))["settings"] == {"model": source.FIRST}


def test_a_place_beyond_a_shorter_text_falls_back() -> None:
    app = opened(open_app(PAGE), file_of(view="Anatomy", heads_query=900, heads_key=900))
    settled(app, lambda app: len(drawn(app)) == 3)
    assert app.selectbox(key="heads_query").value < 900


def test_a_view_of_the_hub_is_opened_by_the_commit_it_was_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = restore.read(file_of(COMMIT, model=source.HUB, id="owner/name@main"))["settings"]
    assert typed == {"model": source.HUB, "id": f"owner/name@{COMMIT}"}
    monkeypatch.setattr(source, "names", lambda: ["hub:owner/name", source.HUB])
    listed = restore.read(file_of(COMMIT, model="hub:owner/name"))["settings"]
    assert listed == typed
    monkeypatch.setattr(source, "names", lambda: ["hub:owner/name"])  # no id may be typed: hosted
    assert restore.read(file_of(COMMIT, model="hub:owner/name"))["settings"] == {"model": "hub:owner/name"}
    monkeypatch.undo()
    assert restore.read(file_of("0.1.0"))["settings"] == {"model": source.FIRST}


def test_other_weights_of_the_same_folder_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    digests = []
    for labels in (2, 3):
        network = classifier()
        network.get_input_embeddings().weight.data *= labels
        save(folder, network, word_tokenizer())
        digests.append(load(str(folder), "cpu").card.sha256)
    assert len({*digests, ""}) == 3
    subject = work.traced(lambda *_: None, Request(str(folder), "the cat", "cpu"))
    view = {"title": "reader", "weights sha256": digests[0], "input sha256": subject.request.digest}
    assert restore.differing(view, subject) == [
        f"The opened view was made with other weights of reader: weights sha256 {digests[0][:12]}…, "
        f"here {digests[1][:12]}…"
    ]
    assert restore.differing({**view, "weights sha256": digests[1]}, subject) == []
    assert restore.differing({**view, "title": "another model"}, subject) == []
    moved = replace(subject, about=replace(subject.about, revision="b" * 40))
    assert "revision aaaaaaaaaaaa…, here bbbb" in restore.differing({"title": "reader", "revision": "a" * 40}, moved)[0]


def test_the_step_of_a_view_is_shown_once_the_text_is_written(tmp_path: Path) -> None:
    folder = str(save(tmp_path / "author", writer(), byte_tokenizer()))
    app = open_app(PAGE, model=source.FOLDER, view="Generate")
    app.text_input(key="folder").set_value(folder).run()
    settled(app, lambda app: "takes at most 31 tokens, got " in texts(app))
    app.text_input(key="heads_text_any").set_value("the cat").run()
    settled(app, lambda app: "Press Write" in texts(app))
    sent = file_of(model=source.FOLDER, folder=folder, view="Generate", step=2)
    app.get("file_uploader")[0].upload("view.json", sent, "application/json").run()
    settled(app, lambda app: "Press Write" in texts(app))
    app.button(key="write").click().run()
    settled(app, lambda app: "Step 2: " in texts(app))
