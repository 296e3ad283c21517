"""What is measured, all of it: every room counts with these, and nothing here keeps a figure by itself.

The instruments are OpenTelemetry's, and do nothing until `observability` has told where their figures go. Their names
are what Prometheus, and with it Google's Cloud Monitoring, would make of them, so that each has one name everywhere
(https://prometheus.io/docs/practices/naming/). No attribute holds anything of a person, a channel or an address: each
has few values, known beforehand. docs/observability.md lists them.
"""

from opentelemetry import metrics

_meter = metrics.get_meter("vip_manager")

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: where the buckets of an answer's time end."""
SLOW = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600)
"""Seconds: of what may wait for Twitch, or for the next sweep."""

sessions_active = _meter.create_gauge("vip_sessions_active", description="Viewers who are VIP by this program.")
redemptions = _meter.create_counter("vip_redemptions_total", description="Redemptions of our rewards, each once.")
grants = _meter.create_counter(
    "vip_grants_total",
    description="What became of redemptions and gifts, by outcome: granted, extended, refused, not_ours or put_off.",
)
removals = _meter.create_counter(
    "vip_removals_total",
    description="Sessions at their end, by outcome: removed on Twitch, let_go, or put_off.",
)
refunds = _meter.create_counter("vip_refunds_total", description="Redemptions whose points went back.")
dead_letters = _meter.create_counter(
    "vip_dead_letters_total", description="What was put off so often that a person should look at it."
)
redemption_to_vip = _meter.create_histogram(
    "vip_redemption_to_vip_seconds",
    unit="s",
    description="From a redemption to its VIP or its extension, but for what waits by the streamer's choice.",
    explicit_bucket_boundaries_advisory=SLOW,
)
sweeps = _meter.create_counter("vip_sweeps_total", description="Sweeps, by outcome: done, out_of_time or failed.")
sweep_lag = _meter.create_gauge(
    "vip_sweep_lag_seconds", unit="s", description="How overdue the longest overdue end was when a sweep began."
)
sweep_duration = _meter.create_histogram(
    "vip_sweep_duration_seconds",
    unit="s",
    description="How long a sweep took.",
    explicit_bucket_boundaries_advisory=SLOW,
)
http_duration = _meter.create_histogram(
    "http_server_request_duration_seconds",
    unit="s",
    description="From a request to the end of its answer, by http_request_method, http_route and "
    "http_response_status_code.",
    explicit_bucket_boundaries_advisory=QUICK,
)
twitch_duration = _meter.create_histogram(
    "vip_twitch_call_duration_seconds",
    unit="s",
    description="Calls to Twitch, by endpoint and outcome: ok, refused, unauthorized, rate_limited or unavailable.",
    explicit_bucket_boundaries_advisory=QUICK,
)
token_failures = _meter.create_counter(
    "vip_twitch_token_failures_total", description="Accounts whose tokens Twitch no longer took: they must sign in."
)
revocations = _meter.create_counter(
    "vip_eventsub_revocations_total", description="Subscriptions that Twitch ended, by status."
)
deaf_channels = _meter.create_gauge(
    "vip_eventsub_deaf_channels", description="Channels that this process serves and whose events do not arrive."
)
auth_failures = _meter.create_counter(
    "vip_auth_failures_total",
    description="Turned away for a bad credential, by door: sign_in, cron, eventsub, api or metrics.",
)
store_reads = _meter.create_counter("vip_firestore_reads_total", description="Documents read in Firestore.")
store_writes = _meter.create_counter("vip_firestore_writes_total", description="Documents written or deleted there.")
errors = _meter.create_counter("vip_errors_total", description="Lines logged as errors.")


REVOKED = (
    "authorization_revoked",
    "user_removed",
    "notification_failures_exceeded",
    "version_removed",
    "moderator_removed",
)
"""https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#revoking-your-subscription; what is none of these is
another."""

KINDS = {
    grants: ("outcome", ("granted", "extended", "refused", "not_ours", "put_off")),
    removals: ("outcome", ("removed", "let_go", "put_off")),
    sweeps: ("outcome", ("done", "out_of_time", "failed")),
    auth_failures: ("door", ("sign_in", "cron", "eventsub", "api", "metrics")),
    revocations: ("status", (*REVOKED, "another")),
}
"""Of each counter that tells kinds apart: by which attribute, and all its values."""


def begin() -> None:
    """Counts nothing of each kind: alerts look for a rise, and would not see the first one that ever happens."""
    for counter, (attribute, values) in KINDS.items():
        for value in values:
            counter.add(0, {attribute: value})
    for alone in (redemptions, refunds, dead_letters, token_failures, store_reads, store_writes, errors):
        alone.add(0)
