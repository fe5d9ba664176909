"""The same step for whole arrays, for the lanes of a processor, and for a GPU."""
