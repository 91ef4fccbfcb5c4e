"""The command: what people and checks type."""
