"""Folders on disks and in object stores, behind one protocol."""
