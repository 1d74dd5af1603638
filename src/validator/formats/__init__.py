"""One structural parser per format. Each reads bounded ranges of a file and raises RefusedError for a bad one."""
