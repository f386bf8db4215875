"""Arabic and mixed text: folding with a way back to the raw words; numbers, dates, phones and money in it."""
