"""The app under Streamlit's own test runner, always entered through app.py as a reader enters it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def open_app(page: str | None = None, *, timeout: float = 60.0, **query: str) -> AppTest:
    """The app after one run, on `page` (such as "pages/attention.py") or the front page, with the address's `query`."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=timeout)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(page).run()
    return app


def problems(app: AppTest) -> list[str]:
    """What went wrong on the page: uncaught exceptions and error boxes."""
    return [item.message for item in app.exception] + [item.value for item in app.error]
