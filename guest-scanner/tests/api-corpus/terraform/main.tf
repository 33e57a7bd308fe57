terraform {
  required_version = ">= 1.0"
}
# url = "https://comment.example"
provider "grafana" {
  url  = "https://grafana.tf.example.com"
  auth = var.token
}
module "vpc" {
  source = "https://modules.tf.example.com/vpc.zip"
}
data "http" "ip" {
  url = "https://ip.tf.example.com/${var.kind}"
}
