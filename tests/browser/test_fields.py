"""The page "Receptive fields" in a real browser: a cold link keeps its view, a choice reaches the address."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = PATIENCE * 1000


def found(reader: Reader, finding: str | re.Pattern[str]) -> None:
    """Wait until a figure says so."""
    expect(reader.page.get_by_role("heading", name=finding).first).to_be_visible(timeout=2 * MILLISECONDS)


def typed(reader: Reader, kernel: str) -> None:
    """Type the first kernel of the table, again while the table is still being laid out."""
    for _ in range(20):
        table = reader.idle().page.get_by_test_id("stDataFrame").first.bounding_box()
        assert table is not None
        reader.page.mouse.click(table["x"] + 160, table["y"] + 52)
        reader.page.wait_for_timeout(300)
        reader.page.keyboard.type(kernel)
        reader.page.keyboard.press("Enter")
        reader.page.wait_for_timeout(700)
        if f"flist={kernel}." in reader.idle().page.url:
            return


def test_a_cold_deep_link_keeps_its_network_and_a_choice_reaches_the_address(
    cold_server: Server, readers: Callable[..., Reader]
) -> None:
    reader = readers(cold_server.url).open("/fields?fnet=AlexNet&fdepth8=3")
    found(reader, "51 × 51 pixels")
    expect(reader.page.locator(".js-plotly-plot").first).to_be_visible(timeout=MILLISECONDS)
    reader.page.get_by_role("radio", name="Units").or_(reader.page.get_by_role("button", name="Units")).first.click()
    found(reader, "51 of 224 input positions feed one unit")
    reader.idle()
    assert "fdraw=Units" in reader.page.url and "fdepth8=3" in reader.page.url
    reader.page.reload()
    found(reader.idle(), "51 of 224 input positions feed one unit")
    assert reader.complaints == []


def test_a_typed_list_that_cannot_be_leaves_the_figure(reader: Reader) -> None:
    reader.open("/fields?fnet=LeNet-5&fside=32")
    found(reader, "16 × 16 pixels")
    box = reader.page.get_by_role("spinbutton", name="Pixels a side")
    box.fill("3")
    box.press("Enter")
    expect(reader.page.get_by_text("does not fit")).to_be_visible(timeout=MILLISECONDS)
    found(reader, "16 × 16 pixels")
    assert reader.complaints == []


def test_the_views_that_need_no_network_draw_on_a_narrow_dark_window(
    server: Server, readers: Callable[..., Reader]
) -> None:
    reader = readers(server.url, width=900, scheme="dark").open("/fields?fview=Becomes convolution&falpha=20.0")
    found(reader, "Each head looks at one neighbour alone")
    wide = reader.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 900
    reader.open("/fields?fview=Measured&fw=uniform&fn=5")
    found(reader, re.compile("σ is 1\u2060?.83 pixels; the formula says 1\u2060?.83"))
    assert reader.complaints == []


def test_an_edited_list_survives_another_size_and_another_page(reader: Reader) -> None:
    reader.open("/fields?fnet=LeNet-5")
    found(reader, "16 × 16 pixels")
    typed(reader, "9")
    found(reader, "20 × 20 pixels")
    box = reader.page.get_by_role("spinbutton", name="Pixels a side")
    box.fill("100")
    box.press("Enter")
    found(reader, "20 × 20 pixels, 4% of the picture")
    reader.idle()
    assert "flist=9.1.0.1-2.2.0.1-5.1.0.1-2.2.0.1" in reader.page.url
    reader.page.get_by_test_id("stSidebarNavLink").filter(has_text="Optimizers").click()
    expect(reader.page.get_by_role("heading", name="Optimizers", exact=True)).to_be_visible(timeout=MILLISECONDS)
    reader.idle().page.get_by_test_id("stSidebarNavLink").filter(has_text="Receptive fields").click()
    found(reader, "20 × 20 pixels, 4% of the picture")
    assert reader.complaints == []


def test_the_views_of_networks_draw_in_a_lecture(server: Server, readers: Callable[..., Reader]) -> None:
    reader = readers(server.url).open("/fields?fview=By depth&lecture=true")
    found(reader, re.compile("the CNN's σ goes from"))
    expect(reader.page.get_by_test_id("stSidebar")).to_have_count(0)
    reader.open("/fields?fview=Attention&fattn=hybrid&fpic2=bag 1&lecture=true")
    for finding in ("With the other picture, layer 1 moves by", "Mean distance", "moves most"):
        found(reader, re.compile(finding))
    reader.open("/fields?fview=Time&ftask=Agreement&lecture=true")
    found(reader, re.compile("steps.*convolution .dilated"))
    assert reader.complaints == []
