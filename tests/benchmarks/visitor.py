"""One session over Streamlit's own websocket, without a browser: open, choose, wait until the run has ended."""

import time
from collections.abc import Sequence
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

PATIENCE = 120.0
NEAR = '{"near": true}'
ROWS = (
    "sees",
    "substitution",
    "others",
    "words",
    "left_out",
    "attends",
    "reach",
    "gradient",
    "cost",
    "more",
)  # of the first page


class Visitor:
    """`choose(key, value)` gives the seconds from sending a choice to the end of the run that it caused.

    `near` are the rows of the page that the visitor has scrolled to; as in a browser, their places say so.
    """

    def __init__(self, url: str, query: str = "", page: str = "", near: Sequence[str] = ()) -> None:
        self.socket = connect(
            f"ws://{urlsplit(url).netloc}/_stcore/stream", subprotocols=["streamlit"], max_size=None, ping_interval=None
        )
        self.query, self.page = query, page
        self.widgets: dict[str, tuple[str, str]] = {}
        self.states: dict[str, WidgetState] = {}
        self.received = 0
        self._send(BackMsg())
        for name in near:
            self.come_near(name)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.socket.close()

    def wait_for(self, key: str) -> None:
        """Run the page again until it draws the control `key`, which may stand below what a job computes."""
        end = time.monotonic() + PATIENCE
        while key not in self.widgets:
            if time.monotonic() > end:
                raise RuntimeError(f"the control {key} was not drawn in {PATIENCE:g} s")
            time.sleep(0.2)
            self._send(BackMsg())

    def choose(self, key: str, value: str) -> float:
        """Choose among the buttons of the control `key`; a control inside a fragment reruns that alone."""
        element, fragment = self.widgets[key]
        state = WidgetState(id=element)
        state.string_array_value.data.append(value)
        return self._change(state, fragment)

    def come_near(self, name: str) -> float:
        """Scroll to a row of the page."""
        element, fragment = self.widgets[f"near_{name}"]
        return self._change(WidgetState(id=element, json_value=NEAR), fragment)

    def _change(self, state: WidgetState, fragment: str) -> float:
        """Send one changed widget among all that were changed before, as a browser does."""
        self.states[state.id] = state
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(self.states.values())
        start = time.perf_counter()
        self._send(message)
        return time.perf_counter() - start

    def slide(self, key: str, value: float) -> float:
        """Set the slider `key`; the seconds to the end of the run that it caused."""
        element, fragment = self.widgets[key]
        state = WidgetState(id=element)
        state.double_array_value.data.append(value)
        return self._change(state, fragment)

    def _send(self, message: BackMsg) -> None:
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        self.socket.send(message.SerializeToString())
        while not self._ended(self.socket.recv(timeout=PATIENCE)):
            pass

    def _ended(self, content: bytes) -> bool:
        """Note the controls that a message brings; whether it ends the run."""
        self.received += len(content)
        message = ForwardMsg.FromString(content)
        for kind in ("button_group", "slider", "bidi_component"):
            if message.HasField("delta") and message.delta.new_element.HasField(kind):
                element = getattr(message.delta.new_element, kind).id
                self.widgets[element.rsplit("-", 1)[1]] = (element, message.delta.fragment_id)
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise RuntimeError("the script does not compile")
        early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return message.WhichOneof("type") == "script_finished" and not early
