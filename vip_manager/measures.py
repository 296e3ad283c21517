"""What is measured, all of it: every room counts with these, and nothing here keeps a figure by itself.

The instruments are OpenTelemetry's, and do nothing until bootstrap has told where their figures go. No attribute holds
anything of a person, a channel or an address: each has few values, known beforehand. What they are called in Prometheus
and in Cloud Monitoring: docs/observability.md.
"""

from opentelemetry import metrics

_meter = metrics.get_meter("vip_manager")

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: where the buckets of an answer's time end."""
SLOW = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600)
"""Seconds: of what may wait for Twitch, or for the next sweep."""

sessions_active = _meter.create_gauge("vip.sessions.active", "{session}", "Viewers who are VIP by this program now.")
dead_letters = _meter.create_gauge(
    "vip.dead_letters", "{item}", "What was put off again and again, and waits for a person."
)
redemptions = _meter.create_counter(
    "vip.redemptions", "{redemption}", "Redemptions of our rewards, written down once each."
)
grants = _meter.create_counter("vip.grants", "{grant}", "What became of redemptions and gifts, by `outcome`.")
removals = _meter.create_counter("vip.removals", "{removal}", "VIPs taken away at their end, or not, by `outcome`.")
refunds = _meter.create_counter("vip.refunds", "{redemption}", "Redemptions whose points Twitch gave back for us.")
redemption_to_vip = _meter.create_histogram(
    "vip.redemption.to_vip",
    "s",
    "From a redemption on Twitch to its VIP.",
    explicit_bucket_boundaries_advisory=SLOW,
)
sweep_lag = _meter.create_gauge(
    "vip.sweep.lag", "s", "How long the longest overdue end was overdue when the last sweep began."
)
sweeps = _meter.create_counter("vip.sweeps", "{sweep}", "Sweeps, by `outcome`.")
sweep_duration = _meter.create_histogram(
    "vip.sweep.duration", "s", "How long a sweep took.", explicit_bucket_boundaries_advisory=SLOW
)
http_duration = _meter.create_histogram(
    "http.server.request.duration",
    "s",
    "From a request to the end of its answer, by method, route and status.",
    explicit_bucket_boundaries_advisory=QUICK,
)
twitch_duration = _meter.create_histogram(
    "vip.twitch.call.duration",
    "s",
    "Calls to Twitch, by `endpoint` and `outcome`; rate_limited is a 429.",
    explicit_bucket_boundaries_advisory=QUICK,
)
token_failures = _meter.create_counter(
    "vip.twitch.token.failures", "{failure}", "Twitch no longer took somebody's tokens: they must sign in again."
)
revocations = _meter.create_counter(
    "vip.eventsub.revocations", "{subscription}", "Subscriptions that Twitch ended, by `status`."
)
deaf_channels = _meter.create_gauge("vip.eventsub.deaf", "{channel}", "Channels whose events do not arrive just now.")
auth_failures = _meter.create_counter(
    "vip.auth.failures", "{request}", "Who was turned away for a bad credential, by `door`."
)
store_reads = _meter.create_counter("vip.firestore.reads", "{document}", "Documents read in Firestore.")
store_writes = _meter.create_counter("vip.firestore.writes", "{document}", "Documents written in Firestore.")
errors = _meter.create_counter("vip.errors", "{line}", "Lines that were logged as errors.")
