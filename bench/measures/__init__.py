"""One subject a file, each with measure(bench), which gives the rows of the table."""
