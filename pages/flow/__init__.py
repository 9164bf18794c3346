"""The views of the page Gradient flow."""
