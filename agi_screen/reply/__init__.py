"""What the caller and the dialplan get: channel variables, and the CAPTCHA on the same session."""
