"""The first page in a real browser: cold links, typing, sharing, reloading, lectures, readers beside each other."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

import models
from models.presets import presets
from pages.rows.says import short
from tests.browser.front import TWO, address, answered, answers, box, chart, columns, tokens, type_text
from tests.browser.harness import PATIENCE, Reader, Server

AGREEMENT = {"task": "Agreement", "agreement_models": TWO}


def expected(text: str, label: str = "positive", task: str = "sentiment") -> list[str]:
    """What the two models say, asked directly."""
    outputs = [models.load(f"{task}-{family}", device="cpu").trace(text).output for family in ("rnn", "transformer")]
    return [f"{label} {short(output[label])}" for output in outputs]


def test_a_cold_deep_link_opens_as_it_was_left(cold_server: Server, readers: Callable[..., Reader]) -> None:
    link = address(**AGREEMENT, agreement_example="key", agreement_class="is", head="2", more="Shuffle the words")
    reader = answered(readers(cold_server.url).open(link))
    text = presets("agreement")["key"]
    expect(box(reader)).to_have_value(text)
    assert columns(reader) == list(TWO)
    assert answers(reader) == expected(text, "is", "agreement")
    for name in ("key", "is"):
        expect(reader.page.get_by_role("radio", name=name, exact=True)).to_be_checked()
    expect(chart(reader, "shuffle")).to_be_visible()
    expect(reader.page.get_by_role("radio", name="Shuffle the words", exact=True)).to_be_checked()
    query = parse_qs(urlsplit(reader.page.url).query)
    assert {name: query[name] for name in ("agreement_example", "head", "more")} == {
        "agreement_example": ["key"],
        "head": ["2"],
        "more": ["Shuffle the words"],
    }
    assert reader.complaints == []


def test_typing_answers_the_text_and_keeps_it_out_of_the_address(reader: Reader) -> None:
    answered(reader.open(address()))
    type_text(reader, "A fine film <s> $x$")
    assert [token.removesuffix("°") for token in tokens(reader)] == "A fine film < s > $ x $".split()
    assert answers(reader) == expected("A fine film <s> $x$")
    assert "fine" not in reader.page.url
    type_text(reader, "")
    expect(reader.page.get_by_text("The text is empty")).to_be_visible()
    assert answers(reader) == expected("A fine film <s> $x$"), "what stood there is lost"
    assert reader.complaints == []


def test_another_model_is_in_the_columns_and_after_a_reload(reader: Reader) -> None:
    answered(reader.open(address(text="A fine film", sentiment_class="negative")))
    reader.page.get_by_role("button", name="Models").click()
    reader.page.get_by_test_id("stPopoverBody").get_by_text("GRU", exact=True).click()
    answered(reader)
    reader.page.keyboard.press("Escape")
    assert columns(reader) == ["RNN", "GRU", "Attention"]
    before = answers(reader)
    assert before[::2] == expected("A fine film", "negative")
    reader.page.reload()
    answered(reader)
    assert columns(reader) == ["RNN", "GRU", "Attention"]
    assert answers(reader) == before
    expect(box(reader)).to_have_value("A fine film")


def test_changing_a_word_draws_before_and_after(reader: Reader) -> None:
    answered(reader.open(address(text="The plot was thin", more="Change one word")))
    chart(reader, "changed")
    reader.page.get_by_label("becomes").fill("<b>")
    reader.page.get_by_label("becomes").press("Enter")
    answered(reader)
    expect(reader.page.get_by_text("Type exactly one word; 3 were found")).to_be_visible()
    reader.page.get_by_label("becomes").fill("script")
    reader.page.get_by_label("becomes").press("Enter")
    answered(reader)
    before, after = ([t.removesuffix("°") for t in tokens(reader, f"changed_{when}")] for when in ("before", "after"))
    assert before == ["The", "plot", "was", "thin"]
    assert [new for old, new in zip(before, after, strict=True) if old != new] == ["script"]
    assert reader.complaints == []


def test_a_page_change_and_back_keeps_the_text_and_the_settings(reader: Reader) -> None:
    answered(reader.open(address(sentiment_class="negative", colours="log")))
    type_text(reader, "A fine film")
    links = reader.page.get_by_test_id("stSidebarNav").get_by_role("link")
    assert links.count() > 1
    links.nth(1).click()
    expect(reader.page.get_by_text("One sentence, seven networks")).to_have_count(0, timeout=PATIENCE * 1000)
    reader.idle()
    links.first.click()
    expect(box(reader)).to_have_value("A fine film")
    answered(reader)
    assert answers(reader) == expected("A fine film", "negative")
    assert columns(reader) == list(TWO)
    chart(reader, "sees_gradient")
    expect(reader.page.get_by_role("radio", name="log", exact=True)).to_be_checked()


def test_two_readers_at_once_never_get_each_others_answers(server: Server, readers: Callable[..., Reader]) -> None:
    both = [answered(readers(server.url).open(address())) for _ in range(2)]
    texts = ["good film", "this was a very bad story"]
    for _ in range(3):
        for reader, text in zip(both, texts, strict=True):
            box(reader).fill(text)
            box(reader).press("Enter")
        for reader, text in zip(both, texts, strict=True):
            answered(reader)
            assert [token.removesuffix("°") for token in tokens(reader)] == text.split()
            assert answers(reader) == expected(text)
        texts = [f"{text} indeed" for text in reversed(texts)]


def test_a_shared_link_carries_the_text_to_another_reader(server: Server, readers: Callable[..., Reader]) -> None:
    typed = "Ein <b>Film</b> & $5 für 你"
    one = answered(readers(server.url).open(address(sentiment_class="negative")))
    type_text(one, typed)
    one.page.get_by_role("button", name="Share").click()
    one.page.get_by_text("Add my text to the address").click()
    answered(one)
    link = one.page.url
    assert parse_qs(urlsplit(link).query)["text"] == [typed]
    other = answered(readers(server.url).open(link.removeprefix(server.url)))
    expect(box(other)).to_have_value(typed)
    assert answers(other) == answers(one) == expected(typed, "negative")


def test_arrow_keys_step_through_the_examples_of_a_lecture(reader: Reader) -> None:
    names = list(presets("agreement"))
    answered(reader.open(address(**AGREEMENT, lecture="true")))
    expect(reader.page.get_by_test_id("stSidebar")).to_have_count(0)
    reader.page.keyboard.press("ArrowRight")
    expect(box(reader)).to_have_value(presets("agreement")[names[1]])
    answered(reader)
    box(reader).click()
    reader.page.keyboard.press("ArrowRight")
    reader.page.keyboard.press("ArrowLeft")
    answered(reader)
    expect(box(reader)).to_have_value(presets("agreement")[names[1]])
    box(reader).press("Escape")
    reader.page.locator("h2").first.click()
    reader.page.keyboard.press("ArrowLeft")
    expect(box(reader)).to_have_value(presets("agreement")[names[0]])


def test_a_stored_example_is_timed_when_the_reader_asks(reader: Reader) -> None:
    answered(reader.open(address(sentiment_example="repeated")))
    chart(reader, "gradient")
    costs = reader.page.locator(".board").last.locator(".pair", has_text="time")
    expect(costs).to_have_count(2, timeout=PATIENCE * 1000)
    assert [text.split() for text in costs.all_inner_texts()] == [["time", "—"]] * 2
    reader.page.get_by_role("button", name="Measure the time on this machine").click()
    expect(costs.first).to_have_text(re.compile(r"time\s*\S+ ms"), timeout=PATIENCE * 1000)
    answered(reader)
    assert all(float(text.split()[1]) > 0 for text in costs.all_inner_texts())


@pytest.mark.parametrize(("width", "scheme"), [(900, "dark"), (1440, "light"), (1920, "dark")])
def test_the_page_fits_its_window_and_the_console_is_quiet(
    server: Server, readers: Callable[..., Reader], pictures: Path, width: int, scheme: str
) -> None:
    reader = readers(server.url, width=width, scheme=scheme)
    answered(reader.open("/?sentiment_example=repeated"))
    answered(reader)
    board = reader.page.locator(".board").first.bounding_box()
    assert board["y"] + board["height"] < 900, "the first answers lie below the first screen"
    for key in ("sees_gradient", "words_gradient", "attends", "reach", "distance_gradient"):
        chart(reader, key)
    overflow = reader.page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    reader.shot(pictures / f"side_by_side_{width}_{scheme}.png", full=True)
    assert overflow == [0, 0]
    assert reader.complaints == []
