"""What agi-screen is made of when installed, and whether any of it has a known hole."""
