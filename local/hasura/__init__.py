"""A small stand-in for Hasura's GraphQL engine over a real PostgreSQL. README.md lists what it serves."""
