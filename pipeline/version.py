"""The version of newsmt."""

__version__ = "0.1.0"
