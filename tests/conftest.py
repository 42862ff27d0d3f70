"""Settings of every test: hypothesis is seeded and never times an example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("cutq", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("cutq")
