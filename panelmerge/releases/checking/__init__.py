"""Is the database what the code takes it for? Tables, words, indexes, and with time the content of rows."""
