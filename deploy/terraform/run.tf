locals {
  # Cloud Run's own address, known before the service is there
  # (https://cloud.google.com/run/docs/triggering/https-request#deterministic).
  run_url    = "https://${var.name}-${data.google_project.this.number}.${var.region}.run.app"
  public_url = var.public_url == "" ? local.run_url : var.public_url

  environment = merge(var.environment, {
    TWITCH_CLIENT_ID     = var.twitch_client_id
    PUBLIC_URL           = local.public_url
    GOOGLE_CLOUD_PROJECT = var.project
    FIRESTORE_DATABASE   = google_firestore_database.main.name
    CRON_INVOKER         = google_service_account.scheduler.email
  })
}

# docs/decisions/0001-sockets-and-cloud-run.md says why these numbers.
resource "google_cloud_run_v2_service" "app" {
  # cpu_utilization is a preview, so this provider and that launch stage
  # (https://cloud.google.com/run/docs/configuring/scaling-controls).
  provider     = google-beta
  launch_stage = "BETA"

  name                = var.name
  location            = var.region
  description         = "VIP for channel points, given at once and taken back on time."
  deletion_protection = var.protect
  ingress             = "INGRESS_TRAFFIC_ALL"
  # Everybody may come; who they are is the program's affair, and its own bearers pass untouched.
  invoker_iam_disabled = true

  template {
    service_account                  = google_service_account.app.email
    max_instance_request_concurrency = var.concurrency
    timeout                          = "${var.timeout_seconds}s"
    # A page whose socket was cut comes back to where its state is.
    session_affinity = true

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
      cpu_utilization    = var.cpu_target
      # 600 of 1000: the next instance is there before this one is full of pages.
      concurrency_utilization = 0.6
    }

    containers {
      image = var.image

      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
        # Between requests nothing has to be done: Twitch and the scheduler knock.
        cpu_idle          = true
        startup_cpu_boost = true
      }

      ports {
        container_port = 8080
      }

      # Whether the store can be reached the program looks at before it opens its port.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 45
        http_get {
          path = "/api/health"
        }
      }

      # Not /api/ready: with the store out of reach, another instance would be no better, and all pages were cut.
      liveness_probe {
        period_seconds    = 15
        timeout_seconds   = 5
        failure_threshold = 4
        http_get {
          path = "/api/health"
        }
      }

      dynamic "env" {
        for_each = local.environment
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = google_secret_manager_secret.app
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret_id
              version = "latest"
            }
          }
        }
      }
    }
  }

  lifecycle {
    # deploy/rollout.sh says which image runs and who gets the traffic.
    ignore_changes = [
      client,
      client_version,
      traffic,
      template[0].annotations,
      template[0].labels,
      template[0].containers[0].image,
    ]

    precondition {
      condition     = length(setintersection(keys(var.environment), local.secrets)) == 0
      error_message = "A variable in environment is a secret: it belongs in more_secrets."
    }
  }

  depends_on = [
    google_project_iam_member.app,
    google_secret_manager_secret_iam_member.app,
  ]
}
