"""Messages of agencies for accounts that want them, put in ``/out``."""
