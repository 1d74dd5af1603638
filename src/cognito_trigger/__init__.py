"""Pre-token generation: adds the claims to a user's tokens by which Hasura knows who they are and what they may do."""
