"""The half that needs the tools: voices speak, filters finish, a recogniser listens, pictures are drawn."""
