"""digipoort-sim: the Digipoort of the Netherlands on a developer's own machine."""

__version__ = "0.1.0"
