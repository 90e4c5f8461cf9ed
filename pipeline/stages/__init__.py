"""The rooms an article walks through: detect, segment, translate, check."""
