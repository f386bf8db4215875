"""The engine that needs no key and no network: deterministic parsers, one per field; text in, extraction out."""
