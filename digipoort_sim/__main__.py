"""``python -m digipoort_sim``: the command line."""

import sys

from digipoort_sim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
