"""The bilingual concordance."""
