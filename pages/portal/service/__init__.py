"""Service levels: how well our promises were kept, by month, kind and site, and the tickets behind every figure."""
