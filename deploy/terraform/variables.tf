variable "bucket" {
  description = "Name of the bucket to create. Use one bucket per vault."
  type        = string
}

variable "prefix" {
  description = "Prefix of all object names, the same as the server's s3-prefix. Empty for none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$", var.prefix))
    error_message = "Use letters, digits, dots, dashes and underscores, with a slash between parts, for example vaults/main."
  }
}

variable "noncurrent_days" {
  description = "Days for which an object that a server overwrote or deleted is kept as an older version: the time in which someone must notice that a server was taken over."
  type        = number
  default     = 365

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "Must be a whole number of days, at least 1."
  }
}

variable "kms_key_arn" {
  description = "AWS KMS key that encrypts the objects. Without one, S3 uses its own keys."
  type        = string
  default     = null
}

variable "role_name" {
  description = "Name of the servers' role and policy."
  type        = string
  default     = "rootcellar-server"
}

variable "role_for" {
  description = "AWS service whose machines or containers assume the role: ec2.amazonaws.com or ecs-tasks.amazonaws.com."
  type        = string
  default     = "ec2.amazonaws.com"
}

variable "tags" {
  description = "Tags for all resources that support them."
  type        = map(string)
  default     = {}
}
