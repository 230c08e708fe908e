"""What the operations desk shows live: counts that cost a call next to nothing and stay small whatever comes."""
