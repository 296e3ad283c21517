#!/usr/bin/env bash
# Rolls a revision out on Cloud Run: without traffic first, then a share of it, then all. Whatever goes wrong on the
# way, the former revision has all of it again, and this ends with 1; with 3 where even that could not be done.
#
#   SERVICE=vip-manager REGION=europe-west1 deploy/rollout.sh [IMAGE]
#
# Without IMAGE it is the one that runs, with the service's newest settings: after `terraform apply`, or a new secret.
set -euo pipefail

service=${SERVICE:-vip-manager}
region=${REGION:?the region of the service, such as europe-west1}
share=${SHARE:-10}                    # per cent of the requests that try the new revision
watch_seconds=${WATCH_SECONDS:-180}   # for so long: two revisions side by side have pages reload
pause=${PAUSE_SECONDS:-10}            # between two looks
most_errors=${MOST_ERRORS:-3}         # answers of 500 and above from the new revision
tries=${TRIES:-6}                     # until a first look counts as failed: an instance has to start; then it is two
tag=canary

say() { echo "rollout: $*" >&2; }

# What the service is now: who has all traffic, the revision with our tag, that one's address, the service's own.
look() {
    local described
    described=$(gcloud run services describe "$service" --region "$region" --format json) || return 1
    mapfile -t seen < <(python3 -ISc '
import json, sys
status = json.loads(sys.argv[1])["status"]
traffic = status.get("traffic", [])
tagged = next((one for one in traffic if one.get("tag") == sys.argv[2]), {})
print(next((one["revisionName"] for one in traffic if one.get("percent") == 100), ""))
print(tagged.get("revisionName", ""), tagged.get("url", ""), status["url"], sep="\n")' "$described" "$tag")
    [ ${#seen[@]} = 4 ] || return 1
    has_all=${seen[0]} new=${seen[1]} canary=${seen[2]} address=${seen[3]}
}

give() { gcloud run services update-traffic "$service" --region "$region" --quiet --to-revisions "$1" >/dev/null; }

# Whether the program at address $1 is up, can work, and shows its page; asked $2 times at the most.
healthy() {
    local try page
    for ((try = 1; try <= $2; try++)); do
        ((try == 1)) || sleep "$pause"
        if page=$(curl -fsS -m 10 --fail-early -o /dev/null "$1/api/health" -o /dev/null "$1/api/ready" "$1/") &&
            [[ $page == *"VIP Manager"* ]]; then
            return 0
        fi
    done
    return 1
}

# How many answers of 500 and above revision $1 has given since $2.
errors_of() {
    local found
    found=$(gcloud logging read --limit 100 --format 'value(insertId)' \
        "resource.type=cloud_run_revision AND resource.labels.service_name=$service AND \
resource.labels.revision_name=$1 AND httpRequest.status>=500 AND timestamp>=\"$2\"") || return 1
    if [ -z "$found" ]; then echo 0; else wc -l <<<"$found"; fi
}

former="" finished=""

# However this ends: by a failure, a signal, or well.
ending() {
    local code=$? try
    trap '' INT TERM
    if [ -n "$former" ] && [ -z "$finished" ]; then
        say "giving all traffic back to $former"
        for ((try = 1; ; try++)); do
            if give "$former=100" && look && [ "$has_all" = "$former" ]; then
                say "$former has all traffic, as before"
                code=1
                break
            fi
            if ((try == 5)); then
                say "IT COULD NOT BE GIVEN BACK. By hand: gcloud run services update-traffic $service" \
                    "--region $region --to-revisions $former=100"
                code=3
                break
            fi
            sleep "$pause"
        done
    fi
    if [ -n "$former" ]; then
        gcloud run services update-traffic "$service" --region "$region" --quiet --remove-tags "$tag" >/dev/null ||
            say "the tag $tag is still there, and does no harm"
    fi
    exit "$code"
}

failed() {
    say "$*"
    exit 1
}

look || failed "the service can't be read; nothing was changed"
[ -n "$has_all" ] || failed "no revision of $service has all traffic: give it to one first; nothing was changed"
image=${1:-}
if [ -z "$image" ]; then
    # Not the service's: that is the one deployed last, well or not.
    found=$(gcloud run revisions describe "$has_all" --region "$region" \
        --format 'value(status.imageDigest, spec.containers[0].image)') ||
        failed "$has_all can't be read; nothing was changed"
    read -r image _ <<<"$found"
fi

trap ending EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
former=$has_all

say "$image, beside $former, without traffic"
gcloud run deploy "$service" --region "$region" --image "$image" --no-traffic --tag "$tag" --quiet >/dev/null ||
    failed "it was not deployed"
look || failed "the service can't be read"
if [ -z "$new" ] || [ -z "$canary" ] || [ "$new" = "$former" ]; then failed "there is no new revision"; fi

healthy "$canary" "$tries" || failed "$new is not well at $canary"

say "$share % of the traffic for $new, watched for $watch_seconds s"
since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
give "$new=$share,$former=$((100 - share))" || failed "the traffic could not be shared"
end=$((SECONDS + watch_seconds))
while true; do
    healthy "$canary" 2 || failed "$new is not well any more"
    errors=$(errors_of "$new" "$since") || failed "the log can't be read, so nobody knows how $new is"
    ((errors < most_errors)) || failed "$new gave $errors answers of 500 and above"
    ((SECONDS < end)) || break
    sleep "$pause"
done

say "all traffic for $new"
give "$new=100" || failed "the traffic could not be given to $new"
healthy "$address" 2 || failed "the service is not well with $new"
finished=yes
say "$new has all traffic; to go back: gcloud run services update-traffic $service --region $region" \
    "--to-revisions $former=100"
