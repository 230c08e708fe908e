"""The CAPTCHA: dialogues without I/O, and the one place that plays them over AGI."""
