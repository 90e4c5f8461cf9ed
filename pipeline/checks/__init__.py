"""Checks of translations: each measures one thing of a pair of texts, and says from which value on it is a doubt."""
