# The same as ../main.bicep, resource by resource: azapi takes the same types, versions and bodies.
terraform {
  required_version = ">= 1.9"
  required_providers {
    azapi = {
      source  = "Azure/azapi"
      version = "~> 2.4"
    }
  }
}

# The subscription is that of `az login`, or of ARM_SUBSCRIPTION_ID.
provider "azapi" {}

data "azapi_client_config" "current" {}
