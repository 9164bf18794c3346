"""What the pages share: the shell, settings, errors, jobs, cached loading and the figure block."""
