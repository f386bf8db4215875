"""What the status page shows: read in the background, held in memory, put together when somebody looks."""
