"""What happens in the background, beside the pages and above the data; any number of workers may run."""
