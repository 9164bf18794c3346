"""What is stored comes back bit by bit, and a file cannot make the reader run anything."""

import io
import pickle

import numpy as np
import pytest

from models.lens.influence import Influence
from models.reading import Reading, read
from models.store import HOMES, from_bytes, to_bytes
from models.trace import AttentionRecord, Trace
from tests.models.tiny import SEVEN, tiny


def same(first: object, second: object) -> None:
    """Equal in type, dtype and every bit."""
    assert type(first) is type(second)
    if isinstance(first, np.ndarray):
        assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
    elif isinstance(first, dict):
        assert list(first) == list(second)
        [same(first[key], second[key]) for key in first]
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        [same(*pair) for pair in zip(first, second, strict=True)]
    elif hasattr(first, "__dataclass_fields__"):
        same(vars(first), vars(second))
    elif isinstance(first, float):
        assert np.float64(first).tobytes() == np.float64(second).tobytes()
    else:
        assert first == second


@pytest.mark.parametrize("name", ["mlp", "lstm", "transformer", "hybrid", "cnn"])
def test_a_reading_comes_back_bit_by_bit(name: str) -> None:
    reading = read(tiny(name), f"{SEVEN} <b> \x00 \u200b 猫 <unk> array class dict")
    back = from_bytes(to_bytes(reading))
    assert isinstance(back, Reading)
    same(reading, back)


def test_odd_numbers_and_names_come_back() -> None:
    strange = np.array([[np.nan, -0.0], [np.inf, 5e-324]])
    value = {
        "array": strange,
        "class": (None, True, 3, 0.1 + 0.2, float("nan"), "a\x00"),
        "dict": Influence(strange.astype(np.float16), "\ud800", False, -0.0, 7),
        "tuple": {"x": np.zeros((0, 3), dtype=np.int8)},
    }
    same(value, from_bytes(to_bytes(value)))


def test_equal_arrays_stay_two_arrays() -> None:
    ones = np.ones(3)
    first, second = from_bytes(to_bytes((ones, ones)))
    first[0] = 7
    assert second.tolist() == [1, 1, 1]


class Trap:
    def __reduce__(self) -> tuple:
        return pytest.fail, ("a stored file ran code",)


def test_a_file_with_a_pickle_is_refused() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, outline=np.array('{"array": "a0"}'), a0=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        from_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="pickle"):
        from_bytes(pickle.dumps(Trap()))


def test_nothing_is_written_as_a_pickle() -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        to_bytes({"a": np.array([None, {}], dtype=object)})


def test_only_known_classes_are_built() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, outline=np.array('{"class": "Popen", "fields": {"args": "true"}}'))
    with pytest.raises(ValueError, match=r"must be one of Reading, .* got 'Popen'"):
        from_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="got 'Tokens'"):
        to_bytes(tiny("gru").encode(SEVEN))
    homes = {each.__name__: each.__module__ for each in (Reading, Trace, AttentionRecord, Influence)}
    assert homes.items() <= HOMES.items()
