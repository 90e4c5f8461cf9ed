"""What is done to a text before it is translated and to its translation after that: pre-editing and post-editing."""
