"""Reports: rows and facts in, a finished file out; nothing here knows where the rows come from."""
