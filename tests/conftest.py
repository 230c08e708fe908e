"""What all tests share: no test is timed, not even by Hypothesis, whose examples a busy machine may slow down."""

from hypothesis import settings

settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")
