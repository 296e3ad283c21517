# Who is called, and when: the rules of ../monitoring, the same for Prometheus and for Cloud Monitoring. docs/runbook.md has
# a page for each.

variable "alert_email" {
  description = "Who is told of alerts. Empty: the policies are there, and tell nobody."
  type        = string
  default     = ""
}

locals {
  monitoring = "${path.module}/../monitoring"

  # What the process tells of itself is not pushed to Google; cloud_run.yaml has Cloud Run's own figures instead.
  rule_groups = concat(
    [for group in yamldecode(file("${local.monitoring}/alerts.yaml")).groups : group if group.name != "process"],
    yamldecode(file("${local.monitoring}/cloud_run.yaml")).groups,
  )
  rules = {
    for rule in flatten([for group in local.rule_groups : [for rule in group.rules : merge(rule, { group = group.name })]]) :
    rule.alert => rule
  }
  panels = [for panel in yamldecode(file("${local.monitoring}/panels.yaml")) : panel if !try(panel.process, false)]

  documents = var.github_repository == "" ? "" : "https://github.com/${var.github_repository}/blob/main/"
  units     = { short = "1", s = "s", percent = "10^2.%", bytes = "By" }
}

resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == "" ? 0 : 1

  display_name = "${var.name} alerts"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.used]
}

resource "google_monitoring_alert_policy" "rule" {
  for_each = local.rules

  display_name          = "${var.name}: ${each.value.annotations.summary}"
  combiner              = "OR"
  severity              = upper(each.value.labels.severity)
  notification_channels = google_monitoring_notification_channel.email[*].id
  user_labels           = { alert = lower(each.key) }

  conditions {
    display_name = each.key

    condition_prometheus_query_language {
      query = replace(
        replace(each.value.expr, "vip-manager", var.name),
        "10 * 0.8", "${var.max_instances} * 0.8",
      )
      duration            = "${60 * tonumber(trimsuffix(each.value.for, "m"))}s"
      evaluation_interval = "60s"
      rule_group          = each.value.group
      alert_rule          = each.key
      # A series is there only once the program has sent it.
      disable_metric_validation = true
    }
  }

  documentation {
    subject   = each.value.annotations.summary
    mime_type = "text/markdown"
    content   = "${each.value.annotations.description}\n\nWhat to do: ${local.documents}${each.value.annotations.runbook_url}"

    dynamic "links" {
      for_each = local.documents == "" ? [] : [local.documents]
      content {
        display_name = "Runbook"
        url          = "${links.value}${each.value.annotations.runbook_url}"
      }
    }
  }

  alert_strategy {
    auto_close = "3600s"
  }

  depends_on = [google_project_service.used]
}

resource "google_monitoring_dashboard" "main" {
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 48
      tiles = [for at, panel in local.panels : {
        xPos   = at % 2 * 24
        yPos   = floor(at / 2) * 16
        width  = 24
        height = 16
        widget = {
          title = panel.title
          xyChart = {
            dataSets = [for query in panel.queries : {
              plotType       = "LINE"
              legendTemplate = query.legend
              timeSeriesQuery = {
                prometheusQuery = query.expr
                unitOverride    = local.units[panel.unit]
              }
            }]
          }
        }
      }]
    }
  })

  depends_on = [google_project_service.used]
}
