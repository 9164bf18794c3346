"""One attention page by another tool: python peer_page.py TOOL MAPS.npz PAGE.html, in the environment `.peers`.

MAPS.npz holds maps float32 [L, H, T, T] and tokens [T]. Prints {"seconds": time to build and write, "bytes": size}.
Each tool gets its view of all layers and heads, with nothing hidden or pooled by us.
"""

import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np


def bertviz(maps: np.ndarray, tokens: list[str]) -> str:
    import torch
    from bertviz import model_view

    return model_view([torch.from_numpy(layer)[None] for layer in maps], tokens, html_action="return").data


def circuitsvis(maps: np.ndarray, tokens: list[str]) -> str:
    from circuitsvis.attention import attention_heads

    names = [f"{layer}.{head}" for layer in range(maps.shape[0]) for head in range(maps.shape[1])]
    return attention_heads(maps.reshape(-1, *maps.shape[2:]), tokens, names).local_src


def inspectus(maps: np.ndarray, tokens: list[str]) -> str:
    """Its own display calls, written one after another."""
    found: list[str] = []
    importlib.import_module("IPython.display").display = lambda shown: found.append(shown.data)
    importlib.import_module("inspectus").attention(maps, tokens)
    return "".join(found)


TOOLS = {"BertViz": bertviz, "CircuitsVis": circuitsvis, "Inspectus": inspectus}


def main(tool: str, maps_file: str, page_file: str) -> None:
    stored = np.load(maps_file)
    maps, tokens = stored["maps"], [str(token) for token in stored["tokens"]]
    importlib.import_module(tool.lower())  # the import is not what is timed
    importlib.import_module("torch")
    start = time.perf_counter()
    page = Path(page_file)
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{TOOLS[tool](maps, tokens)}</body>", encoding="utf-8")
    print(json.dumps({"seconds": time.perf_counter() - start, "bytes": page.stat().st_size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
