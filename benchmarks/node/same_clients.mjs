// The presigner, with clients for what our function also talks to: the ledger and the secret.
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

export { handler } from "./presigner.mjs";

export const clients = { ledger: new DynamoDBClient({}), secrets: new SecretsManagerClient({}) };
export const calls = { PutItemCommand, GetSecretValueCommand };
