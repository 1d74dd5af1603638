# Scheduled task: copies ClamAV's definitions from its public mirror to the private mirror at MIRROR_URL, an S3 bucket.
# freshclam verifies the signature of every file that it downloads, and loads it once.
set -eu

definitions=/tmp/definitions
mkdir -p "$definitions"
cd "$definitions"

say() { echo "refresh.sh: $*"; }
fail() {
    say "$*"
    exit 1
}

# usage: update LINE; runs freshclam with this mirror. Also fails when the mirror refuses, although freshclam exits with 0.
update() {
    printf '%s\n' "DatabaseDirectory $definitions" "$1" 'ScriptedUpdates no' 'MaxAttempts 1' 'ReceiveTimeout 900' \
        >/tmp/freshclam.conf
    rm -f freshclam.dat # after a refusal, it would also forbid the next mirror
    code=0
    freshclam --config-file=/tmp/freshclam.conf --stdout >/tmp/freshclam.log 2>&1 || code=$?
    cat /tmp/freshclam.log
    test "$code" -eq 0 && ! grep -q 'cool-down until' /tmp/freshclam.log
}

# The first 512 bytes of a file contain its version, checksum and signature.
is_published() {
    curl --silent --fail --range 0-511 "$MIRROR_URL/$1" >/tmp/header && head -c 512 "$1" | cmp -s - /tmp/header
}

field() { head -c 512 "$1" | cut -d : -f "$2"; } # of the header: 2 is the build time, 3 the version

credential() { sed -nE "s/.*\"$1\" *: *\"([^\"]*)\".*/\1/p" /tmp/credentials.json; }

# usage: publish FILE; S3 refuses the upload when the bytes do not match the signed checksum
publish() {
    printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\n' \
        "$(credential AccessKeyId)" "$(credential SecretAccessKey)" "$(credential Token)" |
        curl --config - --silent --show-error --fail-with-body --retry 3 --max-time 900 \
            --aws-sigv4 "aws:amz:$AWS_REGION:s3" --header "x-amz-content-sha256: $(sha256sum "$1" | cut -d ' ' -f 1)" \
            --upload-file "$1" "$MIRROR_URL/$1"
}

command -v curl >/dev/null || fail "The image has no curl: use the one that images/clamd/Dockerfile builds."

say "Reading the private mirror, so that unchanged files are not downloaded again."
update "PrivateMirror $MIRROR_URL" || say "The private mirror is empty or incomplete."
say "Asking the public mirror."
updated=yes
update 'DatabaseMirror database.clamav.net' || updated=no

for file in main.cvd bytecode.cvd daily.cvd; do
    test -s "$file" || fail "Nothing was published: $file is missing. The next run tries again."
done
umask 077
curl --silent --show-error --fail --retry 3 "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" \
    >/tmp/credentials.json
for file in main.cvd bytecode.cvd daily.cvd; do # daily.cvd last: its version is the one that clamd reports
    if is_published "$file"; then
        say "$file is unchanged."
    else
        publish "$file" || fail "$file could not be published."
        say "$file was published: version $(field "$file" 3), built $(field "$file" 2)."
    fi
done
test "$updated" = yes || fail "The public mirror did not update the definitions. The next run tries again."
