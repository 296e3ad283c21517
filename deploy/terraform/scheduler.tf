locals {
  cron_path = "/api/cron/expire"
}

# Ends VIPs, and takes up whatever else is due: once a minute.
resource "google_cloud_scheduler_job" "expire" {
  name        = "${var.name}-expire"
  description = "Ends the VIPs whose time is over."
  region      = var.region
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"
  # A sweep ends within 50 s, and a cold start comes on top.
  attempt_deadline = "90s"

  # The next minute's knock does what this one did not.
  retry_config {
    retry_count          = 1
    min_backoff_duration = "5s"
    max_backoff_duration = "10s"
  }

  http_target {
    http_method = "POST"
    # Not by the domain, which may not be there yet, or not any more.
    uri = "${local.run_url}${local.cron_path}"

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      # What vip_manager/web/invoker.py asks for.
      audience = "${local.public_url}${local.cron_path}"
    }
  }

  depends_on = [google_cloud_run_v2_service.app]
}
