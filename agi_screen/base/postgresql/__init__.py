"""The store in a PostgreSQL database. Loaded only where one is configured: the driver comes with an extra."""
