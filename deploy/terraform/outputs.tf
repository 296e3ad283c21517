output "public_url" {
  description = "The address people use."
  value       = local.public_url
}

output "twitch_redirect_url" {
  description = "What the Twitch application takes as its OAuth Redirect URL."
  value       = "${local.public_url}/api/auth/callback"
}

output "run_url" {
  description = "Cloud Run's own address of the service."
  value       = local.run_url
}

output "images" {
  description = "Where images are pushed to."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

output "secrets" {
  description = "Secret Manager's name of each secret; a value is added by hand."
  value       = { for name, secret in google_secret_manager_secret.app : name => secret.secret_id }
}

output "deployer" {
  description = "The repository's variable GOOGLE_DEPLOYER."
  value       = google_service_account.deployer.email
}

output "identity_provider" {
  description = "The repository's variable GOOGLE_IDENTITY_PROVIDER."
  value       = one(google_iam_workload_identity_pool_provider.github[*].name)
}
