"""The controlled news-brief language of the demo models: word lists, patterns, sampling."""
