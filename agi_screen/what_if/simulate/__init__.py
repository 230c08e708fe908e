"""A simulated call centre around the very judge of live calls: people, robots, lines, operators, a queue."""
