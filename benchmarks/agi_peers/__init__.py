"""AGI servers to compare with: environment in, one MSet out, one reply, close. Each prints its port and serves."""

COMMAND = (
    b'EXEC MSet "SCREEN_VERDICT=allow,SCREEN_SCORE=0.00,SCREEN_REASONS=,SCREEN_CALL_ID=0,SCREEN_CAPTCHA=skipped"\n'
)
