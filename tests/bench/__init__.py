"""Benches: newsmt beside Argos and beside CTranslate2 alone, and the times and memory that people feel.

`python -m tests.bench` measures, `--check` compares with what was recorded, `--record` records.
"""
