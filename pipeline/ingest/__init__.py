"""Reading articles from files: one module per input format, and one dispatcher, `ArticleReader`."""
