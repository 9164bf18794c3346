"""The page "Attention": one model, one input, every head; one view a file, and only the chosen one is computed.

source, given    what the reader asks: a model, and a text, pair, picture or recording for it
work             the jobs: load, trace, verify, patterns, compare, generate
subject          what a finished job hands to the views                choice    layer, head, kind, special tokens
overview, anatomy, patterns, compare, generate    the views            restore   settings as a file, and back
"""
