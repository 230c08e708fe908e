"""The operations desk: pages, API, metrics. It asks the daemon through `Office` alone and never touches a call."""
