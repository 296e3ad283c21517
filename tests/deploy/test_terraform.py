"""What an operator applies is held against the program: its variables, its bounds, its indexes. Whether the provider
takes it shows with `terraform validate`, which needs the provider; deploy/README.md says so."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from tests.deploy import terraform
from tests.deploy.terraform import ROOT, blocks, default, inner, resource, texts
from tests.web import google
from vip_manager.services.deliveries import PATIENCE
from vip_manager.settings import MOST_SOCKETS_ON_CLOUD_RUN, Settings
from vip_manager.store import documents
from vip_manager.store.firestore import leases
from vip_manager.variables import VARIABLES
from vip_manager.web import cron
from vip_manager.web import invoker as invokers

INDEXES = json.loads((ROOT / "deploy" / "firestore.indexes.json").read_text())
NEEDED = {
    "TWITCH_CLIENT_ID",
    "TWITCH_CLIENT_SECRET",
    "APP_SECRET",
    "PUBLIC_URL",
    "GOOGLE_CLOUD_PROJECT",
    "FIRESTORE_DATABASE",
    "CRON_INVOKER",
}
"""Without these the program does not start on Cloud Run, or nobody ever loses VIP."""
PUBLIC_URL = "https://vip-manager-123456789.europe-west1.run.app"
FILLED_IN = {
    "TWITCH_CLIENT_ID": "abcdefghijklmnopqrstuvwxyz0123",
    "TWITCH_CLIENT_SECRET": "zyxwvutsrqponmlkjihgfedcba3210",
    "APP_SECRET": "q7vYt2mZ4kWc9sXe1uLb8nHd5gRj6pFa",
    "PUBLIC_URL": PUBLIC_URL,
    "GOOGLE_CLOUD_PROJECT": "my-project",
    "FIRESTORE_DATABASE": "(default)",
    "CRON_INVOKER": "vip-manager-scheduler@my-project.iam.gserviceaccount.com",
}
OF_CLOUD_RUN = {"K_SERVICE": "vip-manager", "PORT": "8080"}
LEAST = {
    "app": {
        "roles/datastore.user",
        "roles/telemetry.metricsWriter",
        "roles/telemetry.tracesWriter",
        "roles/serviceusage.serviceUsageConsumer",
        "roles/secretmanager.secretAccessor",
    },
    "scheduler": set(),
    "deployer": {
        "roles/run.developer",
        "roles/artifactregistry.writer",
        "roles/iam.serviceAccountUser",
        "roles/logging.viewer",
    },
}


def service() -> dict[str, Any]:
    return resource("google_cloud_run_v2_service", "app")


def template() -> dict[str, Any]:
    return inner(service(), "template")


def plain_variables() -> set[str]:
    return set(re.findall(r"\b([A-Z][A-Z_]+) = ", blocks("locals")["environment"]))


def secret_variables() -> set[str]:
    return set(re.findall(r'"([A-Z_]+)"', blocks("locals")["secrets"]))


def number(value: Any) -> Any:
    """A number that stands there, or the default of the variable that does."""
    named = re.search(r"\$\{var\.(\w+)\}", str(value))
    return default(named[1]) if named else value


def given() -> dict[str, set[str]]:
    """The roles that each account is given, wherever."""
    found: dict[str, set[str]] = {account: set() for account in blocks("resource")["google_service_account"]}
    for kind, named in blocks("resource").items():
        for one in named.values() if kind.endswith("_iam_member") else ():
            account = re.search(r"google_service_account\.(\w+)\.member", one["member"])
            if account:
                several = re.findall(r"roles/[\w.]+", str(one.get("for_each", "")))
                found[account[1]] |= set(several) if "each.value" in one["role"] else {one["role"]}
    return found


def test_it_is_formatted() -> None:
    program = shutil.which("terraform")
    if program is None:
        # No Debian has it as a package.
        pytest.skip("terraform is missing")
    done = subprocess.run(
        [program, "fmt", "-check", "-diff", "-recursive", str(terraform.FOLDER)],
        capture_output=True,
        text=True,
        env={"TF_CLI_CONFIG_FILE": "/dev/null"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_is_told_all_that_it_needs_and_nothing_that_it_does_not_read() -> None:
    told = plain_variables() | secret_variables()
    assert told >= NEEDED
    assert told <= {variable.name for variable in VARIABLES}


def test_a_secret_comes_from_secret_manager_and_nothing_else_does() -> None:
    secret = {variable.name for variable in VARIABLES if variable.secret}
    assert secret_variables() <= secret
    assert plain_variables() & secret == set()


def test_the_program_takes_those_settings() -> None:
    told = plain_variables() | secret_variables()
    settings = Settings.read({name: FILLED_IN[name] for name in told} | OF_CLOUD_RUN)
    assert (settings.sandbox, settings.eventsub_transport, settings.trusted_proxy_hops) == (False, "webhook", 1)
    assert (settings.google_cloud_project, settings.public_url) == ("my-project", PUBLIC_URL)


@pytest.mark.parametrize("name", sorted(NEEDED - {"PUBLIC_URL", "FIRESTORE_DATABASE"}))
def test_each_of_them_is_needed(name: str) -> None:
    with pytest.raises(Exception, match="can't be used"):
        Settings.read({one: value for one, value in FILLED_IN.items() if one != name} | OF_CLOUD_RUN)


def test_open_pages_leave_room_for_twitch_and_the_scheduler() -> None:
    concurrency = number(template()["max_instance_request_concurrency"])
    assert MOST_SOCKETS_ON_CLOUD_RUN + 100 <= concurrency <= 1000
    assert f"> {MOST_SOCKETS_ON_CLOUD_RUN} " in texts()["variables.tf"]
    # Another instance is started before this one turns pages away.
    assert inner(template(), "scaling")["concurrency_utilization"] * concurrency < MOST_SOCKETS_ON_CLOUD_RUN


def test_a_socket_lasts_as_long_as_cloud_run_lets_it() -> None:
    assert template()["timeout"] == "${var.timeout_seconds}s"
    assert default("timeout_seconds") == 3600
    assert template()["session_affinity"] is True


def test_instances() -> None:
    scaling = inner(template(), "scaling")
    assert (number(scaling["min_instance_count"]), number(scaling["max_instance_count"])) == (0, 10)
    resources = inner(template(), "containers", "resources")
    assert resources["limits"] == {"cpu": "1", "memory": "512Mi"}
    assert resources["cpu_idle"] is resources["startup_cpu_boost"] is True
    assert number(scaling["cpu_utilization"]) == 0.8


def test_what_asks_whether_it_lives_asks_nothing_else() -> None:
    """A store that is out of reach is no reason to kill the process that says so."""
    container = inner(template(), "containers")
    for probe in ("startup_probe", "liveness_probe"):
        assert inner(container, probe, "http_get") == {"path": "/api/health"}
    assert "readiness_probe" not in container


async def test_the_scheduler_knocks_where_it_is_heard_and_as_whom_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    job = resource("google_cloud_scheduler_job", "expire")
    target = inner(job, "http_target")
    token = inner(target, "oidc_token")
    assert blocks("locals")["cron_path"] == cron.PATH
    assert (job["schedule"], target["http_method"]) == ("* * * * *", "POST")
    assert target["uri"] == "${local.run_url}${local.cron_path}"
    assert token["service_account_email"] == "${google_service_account.scheduler.email}"
    assert "CRON_INVOKER = google_service_account.scheduler.email" in blocks("locals")["environment"]
    audience = token["audience"].replace("${local.public_url}", PUBLIC_URL).replace("${local.cron_path}", cron.PATH)
    monkeypatch.setattr(invokers, "GoogleCertificates", google.Certificates)
    identity = invokers.invoker(FILLED_IN["CRON_INVOKER"], PUBLIC_URL)
    assert identity is not None
    await identity.check(google.token(google.claims(aud=audience, email=FILLED_IN["CRON_INVOKER"])))
    # A sweep ends by itself before the scheduler gives up on it.
    assert 50 + PATIENCE.total_seconds() < int(job["attempt_deadline"].rstrip("s"))


def test_the_indexes_are_those_of_the_one_list() -> None:
    named = blocks("locals")
    assert named["listed"] == '${jsondecode(file("${path.module}/../firestore.indexes.json"))}'
    assert "for index in local.listed.indexes" in named["indexes"]
    assert "for field in local.listed.fieldOverrides" in named["fields"]
    keys = [
        " ".join([one["collectionGroup"], *(f"{field['fieldPath']}:{field['order']}" for field in one["fields"])])
        for one in INDEXES["indexes"]
    ]
    assert len(set(keys)) == len(keys)
    composite, single = resource("google_firestore_index", "composite"), resource("google_firestore_field", "single")
    assert (composite["for_each"], single["for_each"]) == ("${local.indexes}", "${local.fields}")
    # Nothing stands in that list of which Terraform would be told nothing.
    assert {name for one in INDEXES["indexes"] for name in one} == {"collectionGroup", "queryScope", "fields"}
    assert {name for one in INDEXES["indexes"] for field in one["fields"] for name in field} == {"fieldPath", "order"}
    overridden = INDEXES["fieldOverrides"]
    assert {name for one in overridden for name in one} == {"collectionGroup", "fieldPath", "indexes", "ttl"}
    assert {name for one in overridden for index in one["indexes"] for name in index} == {"order", "queryScope"}


def test_what_firestore_deletes_by_itself_has_a_moment_at_which_it_runs_out() -> None:
    ttl = {(one["collectionGroup"], one["fieldPath"]) for one in INDEXES["fieldOverrides"] if one.get("ttl")}
    assert ttl == {("leases", "expiresAt"), ("signIns", "expiresAt")}
    source = {"leases": leases.__file__, "signIns": documents.__file__}
    for collection, field in ttl:
        with open(source[collection]) as file:
            assert f'"{field}": ' in file.read()


def test_the_data_can_be_had_back() -> None:
    database = resource("google_firestore_database", "main")
    assert database["type"] == "FIRESTORE_NATIVE"
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert 'var.protect ? "DELETE_PROTECTION_ENABLED"' in database["delete_protection_state"].replace('\\"', '"')
    assert default("protect") is True
    backup = resource("google_firestore_backup_schedule", "daily")
    assert backup["daily_recurrence"] == [{}]
    assert "var.backup_days * 24 * 60 * 60" in backup["retention"]


def test_the_rules_are_those_that_let_nobody_in() -> None:
    rules = inner(resource("google_firebaserules_ruleset", "closed"), "source", "files")
    assert rules["content"] == '${file("${path.module}/../firestore.rules")}'
    assert "google_firebaserules_ruleset.closed" in resource("google_firebaserules_release", "closed")["ruleset_name"]
    text = (ROOT / "deploy" / "firestore.rules").read_text()
    assert re.findall(r"allow .*", text) == ["allow read, write: if false;"]


def test_each_account_may_do_what_it_must() -> None:
    assert given() == LEAST
    roles = set(re.findall(r"roles/[\w.]+", "".join(texts().values())))
    assert not {role for role in roles if re.search(r"owner|editor|admin", role, re.IGNORECASE)}
    assert "allUsers" not in "".join(texts().values())
    assert service()["invoker_iam_disabled"] is True
    assert "google_service_account_key" not in blocks("resource")


def test_only_the_named_repository_becomes_the_deployer() -> None:
    [condition] = [
        one["attribute_condition"] for one in blocks("resource")["google_iam_workload_identity_pool_provider"].values()
    ]
    for part in ("assertion.repository == ", "assertion.repository_id == ", "refs/tags/v", "refs/heads/main"):
        assert part in condition
    assert resource("google_service_account_iam_member", "github_is_deployer")["member"].endswith(
        "attribute.repository/${var.github_repository}"
    )


def test_no_secret_stands_there() -> None:
    text = "".join(texts().values()) + (terraform.FOLDER / "terraform.tfvars.example").read_text()
    assert "google_secret_manager_secret_version" not in text
    assert "secret_data" not in text
    assert "sensitive" not in text
    assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|[0-9a-f]{32}", text)


def test_each_variable_says_what_it_is_and_is_used() -> None:
    text = "".join(texts().values())
    for name, variable in blocks("variable").items():
        assert len(variable["description"]) > 10, name
        used = len(re.findall(rf"\bvar\.{name}\b", text)) - len(re.findall(rf"\bvar\.{name}\b", str(variable)))
        assert used > 0, name


def test_the_example_names_what_has_no_default_and_nothing_that_there_is_not() -> None:
    example = (terraform.FOLDER / "terraform.tfvars.example").read_text()
    named = set(re.findall(r"^(\w+) +=", example, re.MULTILINE))
    assert {name for name, variable in blocks("variable").items() if "default" not in variable} <= named
    assert named <= set(blocks("variable"))


def test_providers_are_pinned() -> None:
    providers = inner(blocks("terraform"), "required_providers")
    assert {one["version"] for one in providers.values()} == {"7.45.0"}
    assert set(providers) == {"google", "google-beta"}
