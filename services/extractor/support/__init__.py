"""What a message holds: each value that a model names is looked up here, and has its evidence or is unsupported."""
