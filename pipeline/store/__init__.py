"""The output folder: Parquet files, their commit protocol, the ledger and the translation memory."""
