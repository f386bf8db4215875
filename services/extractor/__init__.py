"""Candidates come in, structured casting calls go out, each value held against the message's own words."""
