"""The report: a corpus as pages to look at and read."""
