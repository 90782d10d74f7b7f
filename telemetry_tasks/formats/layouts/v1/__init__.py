"""Layout 1: the documents of 2013 and those that were added to them. A module for each, writer and reader."""
