"""The mandate register: one table of states, terms and rules."""
