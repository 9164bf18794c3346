"""The views of the page "Receptive fields", one a file."""
