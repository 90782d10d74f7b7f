"""The saved-session ping of 2013: its keys, its rows, and ``Histograms.json``, which defines its histograms."""
