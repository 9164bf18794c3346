"""The views of the page Optimizers."""
