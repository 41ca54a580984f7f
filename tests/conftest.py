"""For all tests: property tests draw the same examples every time and are not timed, since machines are noisy."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
