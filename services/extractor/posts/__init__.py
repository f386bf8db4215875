"""What a post says, prepared for comparing it with another: its words, its facts, and where two of them part."""
