"""Arabic (and mixed) text: folding with a way back to the raw words, and parsers for numbers, dates, phones and money."""
