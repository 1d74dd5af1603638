"""Container images of an environment: the list, the registry in the account, and Docker."""
