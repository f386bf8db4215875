"""What lets an operator see: structured logs, a closed list of metrics, and health that tells the truth."""
