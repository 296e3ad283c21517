# Only the places for them. Values are added by hand (gcloud secrets versions add), so that none is ever in the state.
locals {
  secrets = setunion(["TWITCH_CLIENT_SECRET", "APP_SECRET"], var.more_secrets)
}

resource "google_secret_manager_secret" "app" {
  for_each = local.secrets

  secret_id           = "${var.name}-${lower(replace(each.value, "_", "-"))}"
  deletion_protection = var.protect

  replication {
    auto {}
  }

  depends_on = [google_project_service.used]
}

resource "google_secret_manager_secret_iam_member" "app" {
  for_each = google_secret_manager_secret.app

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.app.member
}
