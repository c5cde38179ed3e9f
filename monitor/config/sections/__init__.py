"""One file a section of the configuration, each setting explaining itself."""
