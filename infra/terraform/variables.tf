variable "environment_name" {
  description = "Name of this deployment: it becomes part of names and a tag."
  type        = string
  validation {
    condition     = length(var.environment_name) > 0 && length(var.environment_name) <= 40
    error_message = "1 to 40 characters."
  }
}

variable "location" {
  description = "Region of everything that is created; it must offer Flex Consumption."
  type        = string
}

variable "registry_ids" {
  description = "Resource ids of the registries whose role assignments follow plain RBAC."
  type        = list(string)
  default     = []
}

variable "abac_registry_ids" {
  description = "Resource ids of the registries in the mode \"RBAC Registry + ABAC Repository Permissions\"."
  type        = list(string)
  default     = []
  validation {
    condition     = length(var.registry_ids) + length(var.abac_registry_ids) > 0
    error_message = "Name a registry, here or in registry_ids."
  }
  validation {
    condition     = length([for id in concat(var.registry_ids, var.abac_registry_ids) : id if length(split("/", id)) != 9]) == 0
    error_message = "An id of a registry is what \"az acr show --query id\" prints."
  }
}

variable "repository_prefixes" {
  description = "Only repositories that begin with one of these; empty: all. ABAC registries only."
  type        = list(string)
  default     = []
}

variable "mode" {
  description = "plan: look and report, without any right to delete. purge: delete."
  type        = string
  default     = "plan"
  validation {
    condition     = contains(["plan", "purge"], var.mode)
    error_message = "plan or purge."
  }
}

variable "include_locked" {
  description = "Let a policy with include_locked unlock what it deletes. Plain RBAC registries get a custom role for it."
  type        = bool
  default     = false
}

variable "schedule" {
  description = "When nightly runs begin: second, minute, hour, day, month, day of the week, in UTC."
  type        = string
  default     = "0 0 1 * * *"
}

variable "policy" {
  description = "A policy file of the package, a document in JSON, or an \"acr purge\" line."
  type        = string
  default     = "purge-policy.yaml"
}

variable "registry_sku" {
  description = "Tier of the registries, for the deletions per minute that it permits. auto: slow down when told to."
  type        = string
  default     = "auto"
  validation {
    condition     = contains(["auto", "basic", "standard", "premium"], var.registry_sku)
    error_message = "auto, basic, standard or premium."
  }
}

variable "network" {
  description = "public: reached by key and identity. private: storage and outgoing traffic in a virtual network. isolated: the app too."
  type        = string
  default     = "public"
  validation {
    condition     = contains(["public", "private", "isolated"], var.network)
    error_message = "public, private or isolated."
  }
}

variable "addresses" {
  description = "Addresses of the virtual network that is made, a /25 or larger."
  type        = string
  default     = "10.66.0.0/24"
}

variable "app_subnet_id" {
  description = "Id of a subnet that exists, delegated to Microsoft.App/environments, for the app to send from. Empty: a network is made."
  type        = string
  default     = ""
}

variable "endpoint_subnet_id" {
  description = "Id of a subnet that exists, for private addresses; needed where app_subnet_id is given."
  type        = string
  default     = ""
  validation {
    condition     = (var.endpoint_subnet_id == "") == (var.app_subnet_id == "")
    error_message = "Both subnets, or none."
  }
}

variable "dns_zone_ids" {
  description = "Ids of private DNS zones that exist and that the network resolves by; the others are made."
  type        = list(string)
  default     = []
}

variable "alert_email" {
  description = "Who is told of alerts; empty: they show in the portal only."
  type        = string
  default     = ""
}

variable "nightly" {
  description = "Whether the schedule comes at least once a day, so that 26 hours without a run are an alert."
  type        = bool
  default     = true
}

variable "paused" {
  description = "Stop: no night begins, and nobody takes work from the queue, until this is false again."
  type        = bool
  default     = false
}

variable "webhook_url" {
  description = "Address that is told of runs (docs/telling.md); empty: nobody is told. It stands in the state: better a Key Vault reference to it."
  type        = string
  default     = ""
}

variable "tuning" {
  description = "Further settings of the app by name, see docs/configuration.md; an empty one counts as not set."
  type        = map(string)
  default     = {}
  validation {
    condition = length(setsubtract(keys(var.tuning), [
      "PURGE_BREAKER_FACTOR",
      "PURGE_BREAKER_FLOOR",
      "PURGE_CONCURRENCY",
      "PURGE_EXACT_BYTES",
      "PURGE_JOURNAL",
      "PURGE_PLAN_MAX_AGE",
      "PURGE_QUOTA_RESERVE",
      "PURGE_RETENTION",
      "PURGE_TIME_BUDGET",
      "PURGE_TRUSTED_HOSTS",
      "PURGE_VERIFY",
      "PURGE_WEBHOOK_EVENTS",
      "PURGE_WEBHOOK_FORMAT",
      "PURGE_WORKERS_PER_REGISTRY"
    ])) == 0
    error_message = "No such setting: those that can be tuned are in docs/deploy.md."
  }
}
