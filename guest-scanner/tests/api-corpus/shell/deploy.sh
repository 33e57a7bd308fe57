#!/usr/bin/env bash
set -euo pipefail
API="https://deploy.example.com/api"
# curl https://comment.example
version=$(curl -fsS "$API/version")
curl -X POST \
  -H "Authorization: Bearer ${TOKEN}" \
  -d '{"a": "curl https://quoted.example"}' \
  "${API}/releases/${version}"
wget -qO- https://cdn.example.com/install.sh | sh
echo "now run: curl https://echo.example"
