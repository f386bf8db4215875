"""Alerts: what is wrong is judged by rules, kept as firing or over, and told once each way on every channel."""
