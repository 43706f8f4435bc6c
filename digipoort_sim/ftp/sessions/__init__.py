"""A session: its commands, its login, and a reason for every refusal."""
