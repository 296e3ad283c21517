terraform {
  required_version = ">= 1.11, < 2.0"

  # The bucket is named when it is set up: terraform init -backend-config=bucket=...
  backend "gcs" {
    prefix = "vip-manager"
  }

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "7.45.0"
    }
    # For one thing: at how much of its processor an instance gets company (run.tf).
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "7.45.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

provider "google-beta" {
  project = var.project
  region  = var.region
}

data "google_project" "this" {
  project_id = var.project
  depends_on = [google_project_service.used]
}
