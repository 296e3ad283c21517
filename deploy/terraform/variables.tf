variable "project" {
  description = "The project's id."
  type        = string
}

variable "region" {
  description = "Where the program, its scheduler and its images are."
  type        = string
  default     = "europe-west1"
}

variable "name" {
  description = "The service's name, with which all other names begin."
  type        = string
  default     = "vip-manager"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,17}[a-z0-9]$", var.name))
    error_message = "3 to 19 of a-z, 0-9 and -, for service accounts and addresses are named after it."
  }
}

variable "image" {
  description = "The image that the service is made with. Later ones come by deploy/rollout.sh, and are left alone here."
  type        = string
}

variable "public_url" {
  description = "The address people use, https and without a path. Empty: the service's own at run.app."
  type        = string
  default     = ""

  validation {
    condition     = var.public_url == "" || can(regex("^https://[a-z0-9.-]+$", var.public_url))
    error_message = "Like https://vip.example.org, without a path or a slash at its end."
  }
}

variable "twitch_client_id" {
  description = "The Twitch application's client id. Its secret is in Secret Manager."
  type        = string
}

variable "environment" {
  description = "More environment variables of the program, by name, such as ALLOWED_CHANNELS. No secrets."
  type        = map(string)
  default     = {}
}

variable "more_secrets" {
  description = "More environment variables that are secrets, such as APP_SECRET_PREVIOUS or REDIS_URL. Each is made empty; its value is added by hand."
  type        = set(string)
  default     = []
}

variable "min_instances" {
  description = "Instances that are there when nobody is. 0: the first visitor, or Twitch's next event, waits for one to start."
  type        = number
  default     = 0
}

variable "max_instances" {
  description = "Instances of one revision at the most; each has room for 800 open pages (MAX_SOCKETS)."
  type        = number
  default     = 10
}

variable "concurrency" {
  description = "Requests that an instance has at once; an open page is one for as long as it is open."
  type        = number
  default     = 1000

  validation {
    condition     = var.concurrency > 800 && var.concurrency <= 1000
    error_message = "More than the 800 pages that may be open in an instance (MAX_SOCKETS), and 1000 at the most."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Cloud Run cuts a request, and so an open page's socket, which comes back by itself."
  type        = number
  default     = 3600
}

variable "cpu_target" {
  description = "Part of its processor that an instance uses before another one is started."
  type        = number
  default     = 0.8

  validation {
    condition     = var.cpu_target >= 0.1 && var.cpu_target <= 0.95
    error_message = "From 0.1 to 0.95, as Cloud Run takes it."
  }
}

variable "firestore_location" {
  description = "Where the data is. It can't be moved later. eur3 and nam5 are several regions, europe-west1 is one."
  type        = string
  default     = "eur3"
}

variable "firestore_database" {
  description = "Which of the project's Firestore databases."
  type        = string
  default     = "(default)"
}

variable "backup_days" {
  description = "Days for which each day's backup is kept; Firestore keeps none longer than 98."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 98
    error_message = "From 1 to 98 days."
  }
}

variable "protect" {
  description = "Whether data and secrets are held against being deleted. Set it to false, and apply, before taking all down."
  type        = bool
  default     = true
}

variable "github_repository" {
  description = "The repository whose workflow may deploy, as owner/name. Empty: none may."
  type        = string
  default     = ""

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Like owner/name."
  }
}

variable "github_repository_id" {
  description = "Its number (gh api repos/OWNER/NAME --jq .id): a name can be taken by somebody else when it is given up."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[0-9]*$", var.github_repository_id))
    error_message = "Digits."
  }
}
