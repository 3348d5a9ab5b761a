# A bucket for one vault, and the role of its servers. README.md says what each part protects.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

locals {
  # The server adds the slash after its prefix itself.
  names = var.prefix == "" ? "" : "${var.prefix}/"
}

resource "aws_s3_bucket" "vault" {
  bucket = var.bucket
  tags   = var.tags

  # To delete a vault, remove this first.
  lifecycle {
    prevent_destroy = true
  }
}

# What a server overwrites or deletes is kept as an older version that the server cannot delete.
resource "aws_s3_bucket_versioning" "vault" {
  bucket = aws_s3_bucket.vault.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "vault" {
  # S3 accepts a rule for older versions only if versioning is on.
  depends_on = [aws_s3_bucket_versioning.vault]
  bucket     = aws_s3_bucket.vault.id

  rule {
    id     = "older-versions-end"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
    # A deletion leaves a marker, which is removed when no version is left under it.
    expiration {
      expired_object_delete_marker = true
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_public_access_block" "vault" {
  bucket                  = aws_s3_bucket.vault.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "vault" {
  bucket = aws_s3_bucket.vault.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "vault" {
  bucket = aws_s3_bucket.vault.id
  rule {
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "vault" {
  depends_on = [aws_s3_bucket_public_access_block.vault]
  bucket     = aws_s3_bucket.vault.id
  policy     = templatefile("${path.module}/bucket-policy.json.tftpl", { bucket_arn = aws_s3_bucket.vault.arn })
}

resource "aws_iam_policy" "server" {
  name        = var.role_name
  description = "What a Rootcellar server does with its bucket, and nothing else"
  tags        = var.tags
  policy = templatefile("${path.module}/server-policy.json.tftpl", {
    bucket_arn = aws_s3_bucket.vault.arn
    names      = local.names
  })
}

resource "aws_iam_policy" "key" {
  count       = var.kms_key_arn == null ? 0 : 1
  name        = "${var.role_name}-key"
  description = "The key that the bucket's objects are encrypted with"
  tags        = var.tags
  policy      = templatefile("${path.module}/key-policy.json.tftpl", { key_arn = var.kms_key_arn })
}

resource "aws_iam_role" "server" {
  name = var.role_name
  tags = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = var.role_for }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "server" {
  role       = aws_iam_role.server.name
  policy_arn = aws_iam_policy.server.arn
}

resource "aws_iam_role_policy_attachment" "key" {
  count      = var.kms_key_arn == null ? 0 : 1
  role       = aws_iam_role.server.name
  policy_arn = aws_iam_policy.key[0].arn
}

# Gives the role to a machine on EC2.
resource "aws_iam_instance_profile" "server" {
  count = var.role_for == "ec2.amazonaws.com" ? 1 : 0
  name  = var.role_name
  role  = aws_iam_role.server.name
  tags  = var.tags
}
