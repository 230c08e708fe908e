"""A daemon hands its calls over to its successor: `agi-screen restart`."""
