"""Where results go: files, the terminal, pictures."""
