"""Post-authentication trigger of Cognito: writes users to Hasura's database, without ever blocking a sign-in."""
