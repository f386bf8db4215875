"""The stores in memory, written by hand for tests; the same contract tests run on them and on the real ones."""
