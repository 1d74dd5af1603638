"""Pre-token generation trigger of Cognito: adds Hasura's claims (user id and roles) to tokens."""
