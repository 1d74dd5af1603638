"""A stand-in for Hasura's GraphQL engine over a real PostgreSQL. README.md says what it does, and what it does not."""
