"""The rows of the page "Side by side": one question a file, asked of every model on the same text."""
