"""The road of a file: out of ``/in``, to the post office, and its answers into ``/out``."""
