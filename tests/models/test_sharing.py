"""One model, many sessions: threads with different sentences never see each other's numbers, nothing is changed."""

import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from models.lens import gradient_flow, influence
from models.sequence import SequenceModel
from models.trace import Trace
from tests.models.tiny import NAMES, SEVEN, tiny

KINDS = [name for name in NAMES if name not in ("cnn-dilated", "lstm-bias4")]
TEXTS = (SEVEN, "lynx kite jay ibis hen gnu fox elk dog cat bee")


@pytest.fixture(autouse=True)
def switching() -> Iterator[None]:
    """Threads change places every few bytecodes instead of every 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[str], object], times: int) -> dict[str, list]:
    """Run work(text) many times in one thread a text, all started at once."""
    found: dict[str, list] = {text: [] for text in TEXTS}
    gate = threading.Barrier(len(TEXTS))

    def session(text: str) -> None:
        gate.wait()
        for _ in range(times):
            found[text].append(work(text))

    threads = [threading.Thread(target=session, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(found[text]) for text in TEXTS] == [times] * len(TEXTS)
    return found


def numbers(trace: Trace) -> list[np.ndarray]:
    maps = [layer.map(head) for layer in trace.attention.of() for head in range(4)] if trace.attention else []
    return [trace.hidden, np.array([*trace.output.values()]), *maps, *(trace.gates or {}).values()]


@pytest.mark.parametrize("name", KINDS)
def test_two_threads_never_mix_their_traces(name: str) -> None:
    model = tiny(name)
    alone = {text: model.trace(text) for text in TEXTS}
    for text, traces in together(model.trace, 200).items():
        for trace in traces:
            assert trace.tokens == tuple(text.split())
            assert all((a == b).all() for a, b in zip(numbers(trace), numbers(alone[text]), strict=True))


def slopes(model: SequenceModel, text: str) -> np.ndarray:
    return np.concatenate(
        [
            influence.matrix(model, text, "gradient", probes=3).values.ravel(),
            influence.matrix(model, text, "substitution", probes=2).values.ravel(),
            influence.of_output(model, text, 1),
            gradient_flow.by_depth(model, text, 2).norms,
        ]
    )


@pytest.mark.parametrize("name", KINDS)
def test_two_threads_never_mix_their_gradients(name: str) -> None:
    model = tiny(name)
    alone = {text: slopes(model, text) for text in TEXTS}
    for text, found in together(lambda text: slopes(model, text), 10).items():
        assert all((one == alone[text]).all() for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_looking_leaves_the_model_as_it_was(name: str) -> None:
    model = tiny(name)
    before = {key: value.clone() for key, value in model.network.state_dict().items()}
    first = model.trace(SEVEN)
    slopes(model, SEVEN)
    influence.occlusion(model, SEVEN, 0)
    after = model.network.state_dict()
    assert all((before[key] == after[key]).all() for key in before)
    assert all(p.grad is None and not p.requires_grad for p in model.network.parameters())
    hooks = [m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in model.network.modules()]
    assert not any(hooks)
    assert all((a == b).all() for a, b in zip(numbers(first), numbers(model.trace(SEVEN)), strict=True))
