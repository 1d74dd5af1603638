"""The file validator: checks objects in the staging bucket and promotes the good ones to the final bucket."""
