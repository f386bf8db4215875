"""Speed, as ratios within one run. Nothing here is a test: a slow machine changes the figures, never the verdict."""
