"""Triggers of Cognito after a sign-in: writes users to Hasura's database, without ever blocking a sign-in."""
