"""The letters of the register, rendered as a person would get them."""
