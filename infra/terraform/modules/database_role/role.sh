# Creates the role in DATABASE_URL, or sets its password to the one in DATABASE_URL, as the master user. Idempotent.
set -eu

parts=${DATABASE_URL#postgres://}
ROLE=${parts%%:*}
parts=${parts#*:}
password=${parts%%@*}
parts=${parts#*@}
PGHOST=${parts%%:*}
parts=${parts#*:}
PGPORT=${parts%%/*}
parts=${parts#*/}
PGDATABASE=${parts%%\?*}
PGSSLMODE=${PGSSLMODE:-require} PGUSER=$MASTER_USER PGPASSWORD=$MASTER_PASSWORD
export ROLE PGHOST PGPORT PGDATABASE PGSSLMODE PGUSER PGPASSWORD

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
\set role `printf %s "$ROLE"`
\set database `printf %s "$PGDATABASE"`
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"database" TO :"role";
GRANT USAGE, CREATE ON SCHEMA public TO :"role";
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
SQL

# \password hashes on the client, so the password is not in the server's log of DDL statements. It asks twice.
printf '%s\n%s\n' "$password" "$password" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --command="\\password $ROLE"
# auth and storage keep their tables in schemas of these names, which their migrations presuppose. The role creates them
# itself: from PostgreSQL 16 on, RDS's master user cannot create a schema for another role.
PGUSER=$ROLE PGPASSWORD=$password psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS auth;
CREATE SCHEMA IF NOT EXISTS storage;
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT nspname, nspowner::regrole AS owner FROM pg_namespace
        WHERE nspname IN ('auth', 'storage') AND NOT pg_has_role(nspowner, 'USAGE')
    LOOP
        RAISE EXCEPTION 'Schema % belongs to role %. As that role: GRANT % TO CURRENT_USER WITH SET TRUE; ALTER SCHEMA % OWNER TO %;',
            found.nspname, found.owner, current_user, found.nspname, current_user;
    END LOOP;
END $$;
SQL
echo "The role $ROLE is ready."
