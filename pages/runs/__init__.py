"""The parts of the page "Training": its controls, the run under way, and one view a file."""
