"""Figures of a corpus: counts, distributions, words."""
