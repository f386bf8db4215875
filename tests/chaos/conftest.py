"""The running pipeline, for the tests that break it."""

from __future__ import annotations

from tests.pipeline.conftest import stack

__all__ = ["stack"]
