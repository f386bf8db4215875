"""Steps that bring stored data from the form of one release to that of the next, in their order (see steps.py)."""
