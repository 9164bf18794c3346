"""The views of the page "Positions", one a file: `draw() -> None` reads its own controls and draws its figures."""
