"""Ways of looking at a model, one a file. Each takes a model and an input, or plain arrays, and changes neither."""
