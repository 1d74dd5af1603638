// The presigner with two more clients that presign has: for the ledger and the secret.
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

export { handler } from "./presigner.mjs";

export const clients = { ledger: new DynamoDBClient({}), secrets: new SecretsManagerClient({}) };
export const calls = { PutItemCommand, GetSecretValueCommand };
