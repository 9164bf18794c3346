"""The parts of the page "Pictures": input, changes, and one view a file."""
