# Runs clamd as the user clamav, and keeps its definitions current with freshclam from the private mirror at MIRROR_URL, or
# from ClamAV's public mirror without MIRROR_URL.
#
# Before the start, the private mirror is asked for WAIT_SECONDS. Then the public mirror is asked, and clamd starts with the
# definitions there are, at least those in the image. Without any, both mirrors are asked again, the public one once an hour.
# After the start, only the chosen mirror is asked: every CHECK_SECONDS, or RETRY_SECONDS after a failure, which never stops
# clamd. When clamd exits, the container exits and ECS starts a new one.
set -u
export TZ=UTC

definitions=/var/lib/clamav
mirror=${MIRROR_URL:+private}
mirror=${mirror:-public}
clamd=
child=

say() { echo "start.sh: $*"; }
now() { date +%s; }

run() { # runs a command in the background, so that a signal interrupts the wait for it
    "$@" &
    child=$!
    wait "$child"
}

stop() {
    trap - TERM INT
    kill $child $clamd 2>/dev/null
    test -z "$clamd" || wait "$clamd"
    exit
}

configure() { # usage: configure MIRROR LINE; writes freshclam's settings
    printf '%s\n' "DatabaseDirectory $definitions" "$2" 'MaxAttempts 1' 'ReceiveTimeout 900' >"/tmp/$1.conf"
}

# usage: update MIRROR; fails if the definitions may not be the newest on this mirror
update() {
    # After a refusal (403, 429), freshclam asks no server for up to 24 hours, exits with 0 and remembers the time in this
    # file. That must not apply to the private mirror.
    rm -f "$definitions/freshclam.dat"
    if [ "$1" = public ]; then cp /tmp/public.dat "$definitions/freshclam.dat" 2>/dev/null; fi
    run freshclam --config-file="/tmp/$1.conf" --stdout >/tmp/freshclam.log 2>&1
    code=$?
    if [ "$1" = public ]; then cp "$definitions/freshclam.dat" /tmp/public.dat 2>/dev/null; fi
    cat /tmp/freshclam.log
    if [ "$code" -ne 0 ] || grep -q 'cool-down until' /tmp/freshclam.log; then
        say "The $1 mirror did not update the definitions."
        return 1
    fi
}

# Returns 0 with the newest definitions, 1 with older ones.
get_definitions() {
    deadline=$(now)
    if [ "$mirror" = private ]; then deadline=$((deadline + WAIT_SECONDS)); fi
    ask_public=$deadline
    delay=5
    while :; do
        if [ "$mirror" = private ] && update private; then return 0; fi
        if [ "$(now)" -ge "$ask_public" ]; then
            ask_public=$(($(now) + 3600))
            if update public; then return 0; fi
        fi
        if [ "$(now)" -ge "$deadline" ] && ls "$definitions" | grep -qE '\.(cvd|cld|ndb)$'; then
            say "Starting clamd with the definitions that are here."
            return 1
        fi
        say "No mirror has delivered definitions yet. Next attempt in $delay s."
        run sleep "$delay"
        delay=$((delay < 40 ? delay * 2 : 60))
    done
}

# Logs the age of the definitions in use, which a metric filter reads: clamd replies "ClamAV 1.4.3/27480/Mon Nov 24 09:12:33
# 2025", where the time is the build time of daily.cvd.
report_age() {
    reply=$(clamdscan --config-file=/tmp/clamd.conf --version 2>/dev/null)
    case $reply in ClamAV*/*/*) ;; *) return ;; esac
    version=${reply#*/}
    set -- ${reply##*/}
    months=JanFebMarAprMayJunJulAugSepOctNovDec
    before=${months%%"$2"*}
    built=$(date -d "$5-$((${#before} / 3 + 1))-$3 $4" +%s) || return
    printf '{"definitionsAgeHours": %d, "dailyVersion": %d}\n' "$((($(now) - built) / 3600))" "${version%%/*}"
}

trap stop TERM INT
printf '%s\n' "$CLAMD_CONF" >/tmp/clamd.conf
configure private "PrivateMirror ${MIRROR_URL:-}"
configure public 'DatabaseMirror database.clamav.net'

if get_definitions; then check=$(($(now) + CHECK_SECONDS)); else check=$(($(now) + RETRY_SECONDS)); fi

echo 'NotifyClamd /tmp/clamd.conf' >>"/tmp/$mirror.conf"
clamd --config-file=/tmp/clamd.conf --foreground &
clamd=$!
report=0
while kill -0 "$clamd" 2>/dev/null; do
    if [ "$(now)" -ge "$check" ]; then
        if update "$mirror"; then check=$(($(now) + CHECK_SECONDS)); else check=$(($(now) + RETRY_SECONDS)); fi
    fi
    if [ "$(now)" -ge "$report" ]; then
        report_age
        report=$(($(now) + 60))
    fi
    run sleep 5
done
wait "$clamd"
code=$?
say "clamd exited with $code."
exit "$code"
