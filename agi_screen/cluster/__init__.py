"""State that several daemons share over Redis or Valkey. Nothing here keeps a call waiting beyond its deadline."""
