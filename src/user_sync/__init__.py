"""Post-authentication: keeps a user's row in Hasura's database as Cognito knows them. Never in the way of a sign-in."""
