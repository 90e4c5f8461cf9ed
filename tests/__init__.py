"""A package, because argostranslate installs one named `tests` too, which would win over a folder."""
