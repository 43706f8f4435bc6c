"""``python -m digipoort_sim``: the command line."""

from digipoort_sim.cli.main import main

if __name__ == "__main__":
    main()
