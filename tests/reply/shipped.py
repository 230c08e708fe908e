"""The shipped configuration, for the tests of this folder."""

from agi_screen.base.toml_file import DEFAULTS
from agi_screen.settings import load

SETTINGS = load(DEFAULTS)
CAPTCHA = SETTINGS.config.captcha
CHALLENGES = SETTINGS.challenges
