"""Pretrained transformers from elsewhere: loaded with care, run once, their attention recorded exactly.

Importable without torch: everything heavy is imported inside the functions.
"""
