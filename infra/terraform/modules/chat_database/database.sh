# Creates the role and the database NAME of Synapse as RDS's master user, who is no superuser, or sets the role's password.
# Safe to repeat. PGHOST and PGPORT say where. With SQL, runs these statements in the database as the role, and nothing else.
set -eu

ROLE=$NAME
PGSSLMODE=${PGSSLMODE:-require} PGUSER=$MASTER_USER PGPASSWORD=$MASTER_PASSWORD PGDATABASE=postgres
export ROLE PGSSLMODE PGUSER PGPASSWORD PGDATABASE

run() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

if [ -n "${SQL:-}" ]; then
    PGUSER=$NAME PGPASSWORD=$PASSWORD PGDATABASE=$NAME run --command="$SQL"
    exit
fi

# From PostgreSQL 16 on, a role that the master creates is not one that it may act as: the grant comes first. Synapse refuses to
# start with another collation than C, and only template0 can be copied with one that differs from the server's.
run <<'SQL'
\set role `printf %s "$ROLE"`
SET client_min_messages = warning;
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
GRANT :"role" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
SELECT format(
    'CREATE DATABASE %1$I OWNER %1$I ENCODING ''UTF8'' LOCALE_PROVIDER libc LOCALE ''C'' TEMPLATE template0', :'role'
) WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
SELECT set_config('chat.name', :'role', false) \g /dev/null
DO $$
DECLARE
    found record;
    name text := current_setting('chat.name');
BEGIN
    SELECT datcollate, datctype, pg_encoding_to_char(encoding) AS encoding, datdba::regrole AS owner INTO found
    FROM pg_database WHERE datname = name;
    IF found.owner::text <> quote_ident(name) THEN
        RAISE EXCEPTION 'Database % belongs to role %. As that role, or as one that may act as both: ALTER DATABASE % OWNER TO %;',
            name, found.owner, quote_ident(name), quote_ident(name);
    END IF;
    IF (found.datcollate, found.datctype, found.encoding) <> ('C', 'C', 'UTF8') THEN
        RAISE EXCEPTION 'Database % has collation %, character type % and encoding %, with which Synapse does not start.',
            name, found.datcollate, found.datctype, found.encoding
            USING HINT = format('ALTER DATABASE %1$I RENAME TO %2$I; run this task again, then copy: pg_dump %2$I | psql %1$I.',
                name, name || '_old');
    END IF;
END $$;
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL

# \password hashes on the client, so the password is not in the server's log of DDL statements. It asks twice.
printf '%s\n%s\n' "$PASSWORD" "$PASSWORD" | run --command="\\password $ROLE"
echo "The database $NAME is ready."
