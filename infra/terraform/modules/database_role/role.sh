# Makes the role that DATABASE_URL names, or gives it the password in there, as the master user. Safe to repeat.
set -eu

parts=${DATABASE_URL#postgres://}
export ROLE="${parts%%:*}"
parts=${parts#*:}
export ROLE_PASSWORD="${parts%%@*}"
parts=${parts#*@}
export PGHOST="${parts%%:*}"
parts=${parts#*:}
export PGPORT="${parts%%/*}"
parts=${parts#*/}
export PGDATABASE="${parts%%\?*}" PGUSER="$MASTER_USER" PGPASSWORD="$MASTER_PASSWORD" PGSSLMODE="${PGSSLMODE:-require}"

# The statement that sets the password is kept out of the server's log.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
\set role `printf %s "$ROLE"`
\set password `printf %s "$ROLE_PASSWORD"`
\set database `printf %s "$PGDATABASE"`
SET log_statement = 'none';
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"database" TO :"role";
GRANT USAGE, CREATE ON SCHEMA public TO :"role";
CREATE EXTENSION IF NOT EXISTS pgcrypto;
SQL
echo "The role $ROLE is ready."
