/**
 * Returns the caller's row of `users`.
 *
 * Hasura verifies the token and applies the permissions of its role, so this function needs no secret. Answers 401
 * without a valid token, 404 before user_sync has written the row, 502 when Hasura does not answer within 5 s.
 */
const QUERY = "query Whoami { users { id email display_name created_at } }";
const TIMEOUT_MS = 5000;
const INVALID_TOKEN = new Set(["invalid-jwt", "invalid-headers", "access-denied"]);

export default async function whoami(request, response) {
  const { authorization } = request.headers;
  if (!authorization) {
    return response.status(401).json({ code: "unauthorized" });
  }
  try {
    const answer = await askHasura(authorization);
    const [error] = answer.errors ?? [];
    if (INVALID_TOKEN.has(error?.extensions?.code)) {
      return response.status(401).json({ code: "unauthorized" });
    }
    if (error) {
      throw new Error(error.message);
    }
    const [user] = answer.data.users;
    return user ? response.json(user) : response.status(404).json({ code: "not_found" });
  } catch (error) {
    console.error(`whoami: no usable answer from Hasura: ${error.message}`);
    return response.status(502).json({ code: "unavailable" });
  }
}

async function askHasura(authorization) {
  const response = await fetch(process.env.HASURA_GRAPHQL_GRAPHQL_URL, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify({ query: QUERY }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.json();
}
