"""What the server does before its first reader comes: it gets ready what the first answer needs."""

import inspect
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread

import streamlit as st

from models.presets import models_of, presets, stored

NEEDED = ("pages.rows.below", "PIL.ImageFile")  # by the first run; torch is not
GROUP = "sentiment"  # what the front page shows first


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """For `st.App`: get ready, then serve and, unless the server is headless, open the page."""
    prepare()
    if not st.get_option("server.headless"):  # Streamlit itself opens a script, but not an `st.App`
        Thread(target=webbrowser.open, args=(address(),), daemon=True).start()
    yield


def prepare() -> None:
    """Import what the front page draws with; read the cards and the first example."""
    for name in NEEDED:
        import_module(name)
    models_of(GROUP)
    stored(GROUP, next(iter(presets(GROUP))))
    inspect.stack()  # Streamlit does so at its first element; only the first search through all modules is slow


def address() -> str:
    """Where a browser on this machine finds the front page."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"{scheme}://{st.get_option('server.address') or 'localhost'}:{st.get_option('server.port')}/{path}"
