"""Hostile and odd picture files: a sentence or a correct picture, and nothing large is decoded."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from models.pictures_fit import fitted
from models.pictures_input import opened

RAMP = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def saved(image: Image.Image, form: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claiming(width: int, height: int, rows: int = 0) -> bytes:
    """A grey PNG of a few kilobytes whose header says width x height."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * ((width + 1) * rows), 9))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


def read(content: bytes, megapixels: float = 20, megabytes: float = 10):
    return opened(content, megapixels, megabytes)


def test_plain_pictures_keep_their_pixels():
    found = read(saved(Image.fromarray(RAMP)))
    assert (np.asarray(found.image) == RAMP).all()
    assert found.steps == ()


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (9_000, 9_000), (5_000, 4_001)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int):
    with pytest.raises(ValueError, match=r"megapixels; this one says|far more pixels than any photograph: [\d,]+"):
        read(claiming(width, height, rows=20))


def test_a_strip_is_refused_by_its_side():
    with pytest.raises(ValueError, match=r"A side may have 30,000 pixels; this picture says 40,000 × 2"):
        read(claiming(40_000, 2, rows=2))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_file_that_ends_early(form: str):
    noise = np.random.default_rng(0).integers(0, 256, (67, 71, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), form)
    with pytest.raises(ValueError, match=r"damaged|no readable picture"):
        read(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty."),
        (b"keys,cabinet\n1,2\n", "no readable picture, whatever its name says. Wanted: PNG, JPEG or WebP."),
        (b"%PDF-1.7 ", "no readable picture"),
        (b"\x89PNG\r\n\x1a\n", "no readable picture"),
    ],
)
def test_what_is_no_picture(content: bytes, said: str):
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        read(content)


def test_a_zip_bomb_is_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("picture.png", b"\0" * 3_000_000)
    with pytest.raises(ValueError, match="This is a ZIP archive, not a picture"):
        read(out.getvalue())


def test_an_animated_gif_is_named():
    frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match=r"This is a GIF file\. Wanted: PNG, JPEG or WebP"):
        read(content)


def test_of_an_animated_webp_the_first_frame_is_read():
    black, white = (Image.new("RGB", (7, 5), colour) for colour in ("black", "white"))
    found = read(saved(black, "WEBP", save_all=True, append_images=[white], lossless=True))
    assert np.asarray(found.image).max() == 0
    assert found.steps == ("first of 2 frames",)


def test_too_many_bytes():
    with pytest.raises(ValueError, match=r"A picture may have 0\.0001 MB; this one has 0\.0 MB"):
        read(saved(Image.fromarray(RAMP)) + b"\0" * 100, megabytes=0.0001)


def test_cmyk_becomes_rgb():
    found = read(saved(Image.new("CMYK", (7, 5), (0, 0, 0, 255)), "JPEG"))
    assert np.asarray(found.image).max() < 10
    assert found.steps == ("converted from CMYK",)


def test_sixteen_bits_are_scaled_and_not_cut():
    values = np.array([[0, 257, 65_535], [32_896, 127, 30_000]], dtype=np.uint16)
    found = read(saved(Image.fromarray(values)))
    assert np.asarray(found.image)[..., 0].tolist() == [[0, 1, 255], [128, 0, 117]]


@pytest.mark.parametrize(("kind", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_every_kind_of_sixteen_bits_is_rounded_alike_and_said(kind: int, channels: int):
    """Grey, colour, and both with an opaque last channel: 30,000 of 65,535 is 116.7 of 255."""
    opaque = channels in (2, 4)
    pixel = struct.pack(">H", 30_000) * (channels - opaque) + b"\xff\xff" * opaque
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 16, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress((b"\0" + pixel * 3) * 2))
    found = read(b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b""))
    assert set(np.unique(found.image)) == {117}
    assert found.steps == ("16 bits reduced to 8",)


def test_what_is_transparent_lies_on_white():
    values = np.zeros((2, 3, 4), np.uint8)
    values[0, :, 3] = 255
    found = read(saved(Image.fromarray(values)))
    assert np.asarray(found.image)[:, 0].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_a_turned_photograph_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30] = 255
    found = read(saved(Image.fromarray(picture), "JPEG", exif=exif, quality=95))
    upright = np.asarray(found.image)
    assert upright.shape == (60, 40, 3)
    assert upright[:25].mean() > 250 and upright[35:].mean() < 5
    assert found.steps == ("turned upright as its camera noted",)


def test_one_pixel_is_a_picture():
    found = fitted(read(saved(Image.new("RGB", (1, 1), "red"))).image, "digits")
    assert found.pixels.shape == (28, 28)
    assert np.isfinite(found.pixels).all()


def test_a_training_picture_passes_unchanged():
    pixels = np.zeros((28, 28), np.uint8)
    pixels[5:20, 9:13] = 200
    found = fitted(pixels, "digits")
    assert found.steps == ()
    assert (found.pixels == pixels / np.float32(255)).all()


@pytest.mark.parametrize(("top", "left"), [(0, 0), (0, 14), (13, 14), (4, 7)])
def test_a_digit_drawn_in_a_corner_gets_the_form_of_the_training_pictures(top: int, left: int):
    """Wherever it is drawn, touching the edge or not, the networks get the same 28 x 28 pixels."""
    stroke = np.zeros((15, 14), np.uint8)
    stroke[:3], stroke[:, -3:] = 255, 255  # a seven
    pad = np.zeros((28, 28), np.uint8)
    pad[top : top + 15, left : left + 14] = stroke
    found = fitted(pad, "digits", drawn=True)
    rows, columns = np.nonzero(found.pixels > 0.1)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 19)
    total = found.pixels.sum()
    middle = (found.pixels * np.arange(28)[:, None]).sum() / total, (found.pixels * np.arange(28)).sum() / total
    assert middle == pytest.approx((13.5, 13.5), abs=0.51)
    assert found.steps == ("cut to its strokes", "scaled from 14 × 15 to 19 × 20 pixels", "centred by its mass")


def test_an_empty_pad_is_said_to_be_empty():
    found = fitted(np.zeros((28, 28), np.uint8), "digits", drawn=True)
    assert found.pixels.max() == 0 and found.steps[-1] == "found empty"


def test_dark_ink_on_white_paper_becomes_a_digit_of_twenty_pixels_centred_by_mass():
    paper = np.full((300, 200, 3), 250, np.uint8)
    paper[30:230, 90:100] = 10
    found = fitted(paper, "digits")
    rows, _ = np.nonzero(found.pixels > 0.1)
    assert np.ptp(rows) + 1 == 20
    total = found.pixels.sum()
    middle = (found.pixels * np.arange(28)[:, None]).sum() / total, (found.pixels * np.arange(28)).sum() / total
    assert middle == pytest.approx((13.5, 13.5), abs=0.51)
    assert any("inverted" in step for step in found.steps)


def test_a_photograph_keeps_its_whole_frame():
    photograph = np.random.default_rng(0).integers(0, 120, (120, 240, 3), dtype=np.uint8)
    found = fitted(photograph, "fashion")
    rows, columns = np.nonzero(found.pixels)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (14, 28)
    assert found.steps[-1] == "scaled from 240 × 120 to 28 × 14 pixels"


def test_a_blank_page_is_said_to_be_empty():
    found = fitted(np.full((50, 60, 3), 255, np.uint8), "fashion")
    assert found.pixels.max() == 0
    assert found.steps[-1] == "found empty"
