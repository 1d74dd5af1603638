# Runs Synapse. Writes homeserver.yaml and the secrets into memory, in files that only this user can read; libpq reads PGHOST,
# PGPASSWORD and the like from the environment. Stops with a message when a secret has no usable value.
set -eu
umask 077

directory=${WORK_DIRECTORY:-/dev/shm/synapse}

fail() {
    echo "start.sh: $* See docs/operations/synapse.md." >&2
    exit 1
}

case $SIGNING_KEY in
    'ed25519 '[A-Za-z0-9_]*' '?*) ;;
    *) fail "The signing key in $SIGNING_KEY_STORE is not of the form 'ed25519 a_NAME BASE64': an operator puts it there." ;;
esac
if [ -n "${CLIENT_ID:-}" ]; then
    case ${CLIENT_SECRET:-} in
        '' | *[!A-Za-z0-9_+/=-]*) fail "The value of $SIGN_IN_STORE is not the secret of Cognito's app client $CLIENT_ID." ;;
    esac
fi
: 2>/dev/null >"$MEDIA_DIRECTORY/.writable" || fail "Synapse cannot write to $MEDIA_DIRECTORY."

mkdir -p "$directory"
cd "$directory"
ln -sfn "$MEDIA_DIRECTORY" media
printf '%s\n' "$HOMESERVER_YAML" >homeserver.yaml
printf '%s\n' "$SIGNING_KEY" >signing.key
printf '%s\n' "$MACAROON_SECRET" >macaroon
printf '%s\n' "$FORM_SECRET" >form
printf '%s\n' "$REGISTRATION_SECRET" >registration
printf '%s\n' "${CLIENT_SECRET:-}" >client
unset HOMESERVER_YAML SIGNING_KEY MACAROON_SECRET FORM_SECRET REGISTRATION_SECRET CLIENT_SECRET

exec python -m synapse.app.homeserver --config-path homeserver.yaml
