# Runs clamd and freshclam in one container as the user clamav. Downloads the definitions first, because clamd does not start
# without them, then updates them every day and notifies clamd. When either program exits, the container exits and ECS
# starts a new one.
set -eu

printf '%s\n' "$CLAMD_CONF" >/tmp/clamd.conf
cat >/tmp/freshclam.conf <<'CONF'
DatabaseDirectory /var/lib/clamav
DatabaseMirror database.clamav.net
ScriptedUpdates yes
MaxAttempts 5
CONF

freshclam --config-file=/tmp/freshclam.conf --foreground --stdout

echo 'NotifyClamd /tmp/clamd.conf' >>/tmp/freshclam.conf
freshclam --config-file=/tmp/freshclam.conf --daemon --foreground --stdout --checks="${FRESHCLAM_CHECKS:-1}" &
freshclam=$!
clamd --config-file=/tmp/clamd.conf --foreground &
clamd=$!

trap 'kill "$clamd" "$freshclam" 2>/dev/null' TERM INT
while kill -0 "$clamd" 2>/dev/null && kill -0 "$freshclam" 2>/dev/null; do
    sleep 5 & # in the background, so that the trap runs without delay
    wait $! || true
done
kill "$clamd" "$freshclam" 2>/dev/null || true
wait "$clamd" || exit $?
