#!/usr/bin/env bash
set -euo pipefail
api="https://git.example.com/api/v4"
project=${CI_PROJECT_ID:?}

# curl https://commented.example.com
upload() {
    curl --fail --silent \
        --header "PRIVATE-TOKEN: $TOKEN" \
        --upload-file "$1" \
        "$api/projects/$project/packages/generic/tool/$2/$(basename "$1")"
}

echo "then open https://git.example.com/releases"
version=$(curl -fsS "$api/projects/$project/releases" | jq -r '.[0].tag_name')
curl -sS -X POST -H 'Content-Type: application/json' -d "{\"tag\": \"$version\"}" \
    "${api}/projects/${project}/releases"
wget --quiet --output-document=- "https://cdn.example.com/$version/tool.tar.gz" | tar xz
