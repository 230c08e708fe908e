"""What all tests share: no test is timed, not even by Hypothesis, whose examples a busy machine may slow down."""

import pytest
from hypothesis import settings

settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building packages takes minutes: what would be waited for at the end is begun first."""
    items.sort(key=lambda item: "test_packaging" not in item.nodeid)
