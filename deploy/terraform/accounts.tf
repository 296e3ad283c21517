# Three accounts, each with what it needs and no more. Nobody has a key.

resource "google_service_account" "app" {
  account_id   = "${var.name}-app"
  display_name = "VIP Manager"
  description  = "What the program runs as."
  depends_on   = [google_project_service.used]
}

resource "google_project_iam_member" "app" {
  for_each = toset([
    "roles/datastore.user",
    # Figures and traces, and that their API counts for this project (vip_manager/observability/google.py).
    "roles/telemetry.metricsWriter",
    "roles/telemetry.tracesWriter",
    "roles/serviceusage.serviceUsageConsumer",
  ])

  project = var.project
  role    = each.value
  member  = google_service_account.app.member
}

# It may do nothing; that it is who it is opens the cron route (CRON_INVOKER).
resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "VIP Manager's scheduler"
  description  = "Whose token the scheduler shows at the cron route."
  depends_on   = [google_project_service.used]
}

resource "google_service_account" "deployer" {
  account_id   = "${var.name}-deployer"
  display_name = "VIP Manager's deployer"
  description  = "What GitHub's workflow becomes, or whoever rolls out by hand."
  depends_on   = [google_project_service.used]
}

resource "google_cloud_run_v2_service_iam_member" "deployer" {
  location = google_cloud_run_v2_service.app.location
  name     = google_cloud_run_v2_service.app.name
  role     = "roles/run.developer"
  member   = google_service_account.deployer.member
}

resource "google_artifact_registry_repository_iam_member" "deployer" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "deployer_runs_as_app" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}

# A rollout counts the errors of the new revision in the log.
resource "google_project_iam_member" "deployer" {
  project = var.project
  role    = "roles/logging.viewer"
  member  = google_service_account.deployer.member
}

locals {
  by_github = var.github_repository == "" ? 0 : 1
}

resource "google_iam_workload_identity_pool" "github" {
  count = local.by_github

  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GitHub"
  depends_on                = [google_project_service.used]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = local.by_github

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "workflows"
  display_name                       = "Workflows of the repository"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }
  # A tag of a version, or main by hand; no pull request.
  attribute_condition = join(" && ", [
    "assertion.repository == '${var.github_repository}'",
    "assertion.repository_id == '${var.github_repository_id}'",
    "(assertion.ref.startsWith('refs/tags/v') || assertion.ref == 'refs/heads/main')",
    "assertion.event_name in ['push', 'workflow_dispatch']",
  ])

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }

  lifecycle {
    precondition {
      condition     = var.github_repository_id != ""
      error_message = "github_repository_id is missing beside github_repository."
    }
  }
}

resource "google_service_account_iam_member" "github_is_deployer" {
  count = local.by_github

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.repository/${var.github_repository}"
}
