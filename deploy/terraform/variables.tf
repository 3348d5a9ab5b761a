variable "bucket" {
  description = "Name of the bucket to make. One vault, one bucket."
  type        = string
}

variable "prefix" {
  description = "What the names of all objects begin with, as the server's s3-prefix; empty for nothing."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$", var.prefix))
    error_message = "Letters, digits, dots, dashes and underscores, with a slash between parts, as in vaults/main."
  }
}

variable "noncurrent_days" {
  description = "For how many days what a server overwrote or deleted is kept as an older version: the time in which somebody must notice that a server was taken over."
  type        = number
  default     = 365

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "Whole days, one at least."
  }
}

variable "kms_key_arn" {
  description = "Key of AWS KMS that objects are encrypted with. Without one, S3 uses keys of its own."
  type        = string
  default     = null
}

variable "role_name" {
  description = "Name of the servers' role and policy."
  type        = string
  default     = "rootcellar-server"
}

variable "role_for" {
  description = "The service of AWS whose machines or containers take the role: ec2.amazonaws.com, ecs-tasks.amazonaws.com."
  type        = string
  default     = "ec2.amazonaws.com"
}

variable "tags" {
  description = "Tags of everything that can bear some."
  type        = map(string)
  default     = {}
}
