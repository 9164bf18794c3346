"""Whether the browser of a session is still there, asked of Streamlit's runtime; safe from any thread."""

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


def session() -> str | None:
    """The id of the session whose script runs in this thread; None outside of one."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None


def connected(name: str | None) -> bool | None:
    """Whether the session `name` has a browser connected to it; None where that cannot be known."""
    if name is None:
        return None
    try:
        return bool(runtime.get_instance().is_active_session(name))
    except RuntimeError:  # there is no server: a script run by itself, or by the test runner
        return None
