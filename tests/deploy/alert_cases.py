"""For each alert: an hour, a value a minute, at whose end it calls, and one at whose end it does not.

In promtool's notation: `0+10x90` begins at 0 and rises by 10 a minute, `_x90` is no value at all.
"""

Series = dict[str, str]

_CALLS = "vip_twitch_call_duration_seconds_count"
_HTTP = "http_server_request_duration_seconds"
_RUN = 'monitored_resource="cloud_run_revision",service_name="vip-manager"'


def _histogram(name: str, labels: str, slow: int, quick: int, border: str) -> Series:
    """So many above the border, and so many below, a minute."""
    comma = f"{labels}," if labels else ""
    return {
        f'{name}_bucket{{{comma}le="0.1"}}': f"0+{quick}x90",
        f'{name}_bucket{{{comma}le="{border}"}}': f"0+{quick}x90",
        f'{name}_bucket{{{comma}le="1000"}}': f"0+{quick + slow}x90",
        f'{name}_bucket{{{comma}le="+Inf"}}': f"0+{quick + slow}x90",
    }


def _http(failed: int, well: int) -> Series:
    return {
        f'{_HTTP}_count{{http_response_status_code="503"}}': f"0+{failed}x90",
        f'{_HTTP}_count{{http_response_status_code="200"}}': f"0+{well}x90",
    }


def _calls(outcome: str, such: int, well: int) -> Series:
    return {f'{_CALLS}{{outcome="{outcome}"}}': f"0+{such}x90", f'{_CALLS}{{outcome="ok"}}': f"0+{well}x90"}


def _rises(series: str, much: str, little: str) -> tuple[Series, Series]:
    return {series: f"0+{much}x90"}, {series: f"0+{little}x90"}


def _is(series: str, bad: float, good: float) -> tuple[Series, Series]:
    return {series: f"{bad}x90"}, {series: f"{good}x90"}


_EVENTS = 'http_request_method="POST",http_route="/api/eventsub"'
_BOARD = 'http_request_method="GET",http_route="/board"'
_OURS = 'job="vip-manager"'

CASES: dict[str, tuple[Series, Series]] = {
    "HttpErrors": (_http(10, 90), _http(1, 90)),
    "ErrorsLogged": _rises("vip_errors_total", "1", "0.1"),
    "EventsubSlow": (_histogram(_HTTP, _EVENTS, 10, 90, "5"), _histogram(_HTTP, _EVENTS, 1, 99, "5")),
    "PagesSlow": (_histogram(_HTTP, _BOARD, 10, 90, "1"), _histogram(_HTTP, _BOARD, 0, 99, "1")),
    "VipSlow": (
        _histogram("vip_redemption_to_vip_seconds", "", 10, 90, "30"),
        _histogram("vip_redemption_to_vip_seconds", "", 1, 99, "30"),
    ),
    "SweepLate": _is("vip_sweep_lag_seconds", 150, 20),
    "SweepsMissing": ({'vip_sweeps_total{outcome="done"}': "7x90"}, {'vip_sweeps_total{outcome="done"}': "0+1x90"}),
    "SweepsFailing": _rises('vip_sweeps_total{outcome="failed"}', "1", "0"),
    "DeadLetters": (
        {"vip_dead_letters_total": "0x58 1x30"},
        {"vip_dead_letters_total": "1x90"},
    ),
    "GrantsPutOff": _rises('vip_grants_total{outcome="put_off"}', "1", "0.1"),
    "RemovalsPutOff": _rises('vip_removals_total{outcome="put_off"}', "1", "0.1"),
    "TwitchFailing": (_calls("unavailable", 30, 70), _calls("unavailable", 2, 70)),
    "TwitchRateLimits": (_calls("rate_limited", 10, 70), _calls("rate_limited", 1, 70)),
    "SignInsLost": ({"vip_twitch_token_failures_total": "0x20 5x60"}, {"vip_twitch_token_failures_total": "0x20 1x60"}),
    "SubscriptionsRevoked": (
        {'vip_eventsub_revocations_total{status="notification_failures_exceeded"}': "0x58 1x30"},
        {'vip_eventsub_revocations_total{status="authorization_revoked"}': "0x58 1x30"},
    ),
    "ChannelsDeaf": ({"vip_eventsub_deaf_channels": "1x90"}, {"vip_eventsub_deaf_channels": "0x50 1x5 0x40"}),
    "SchedulerRefused": _rises('vip_auth_failures_total{door="cron"}', "1", "0.1"),
    "EventsRefused": _rises('vip_auth_failures_total{door="eventsub"}', "1", "0.1"),
    "BadCredentials": _rises('vip_auth_failures_total{door="api"}', "30", "3"),
    "FirestoreReads": _rises("vip_firestore_reads_total", "1000", "100"),
    "InstanceDown": _is(f"up{{{_OURS}}}", 0, 1),
    "MemoryNearLimit": _is(f"process_resident_memory_bytes{{{_OURS}}}", 480e6, 250e6),
    "CpuBusy": _rises(f"process_cpu_seconds_total{{{_OURS}}}", "57", "20"),
    "OpenFilesNearLimit": (
        {f"process_open_fds{{{_OURS}}}": "900x90", f"process_max_fds{{{_OURS}}}": "1024x90"},
        {f"process_open_fds{{{_OURS}}}": "90x90", f"process_max_fds{{{_OURS}}}": "1024x90"},
    ),
    "SocketsNearLimit": _is("reflex_websocket_connections", 4500, 300),
    "RunErrors": _rises(f'run_googleapis_com:request_count{{{_RUN},response_code_class="5xx"}}', "10", "1"),
    "RunMemory": (
        _histogram("run_googleapis_com:container_memory_utilizations", _RUN, 5, 5, "0.85"),
        _histogram("run_googleapis_com:container_memory_utilizations", _RUN, 0, 5, "0.85"),
    ),
    "RunCpu": (
        _histogram("run_googleapis_com:container_cpu_utilizations", _RUN, 5, 5, "0.9"),
        _histogram("run_googleapis_com:container_cpu_utilizations", _RUN, 0, 5, "0.9"),
    ),
    "RunInstancesNearMax": _is(f'run_googleapis_com:container_instance_count{{{_RUN},state="active"}}', 9, 3),
    "RunSockets": _is("reflex_websocket_connections", 4500, 300),
    "SchedulerFails": _rises(
        'logging_googleapis_com:log_entry_count{monitored_resource="cloud_scheduler_job",'
        'job_id="vip-manager-expire",severity="ERROR"}',
        "1",
        "0.1",
    ),
}
