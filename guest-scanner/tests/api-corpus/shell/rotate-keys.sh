#!/usr/bin/env bash
# Rotates the deploy keys. See https://vault.example/docs/keys
set -euo pipefail

VAULT_ADDR="https://vault.example:8200"
environment=${1:?usage: rotate-keys.sh ENVIRONMENT}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

log() {
    echo "[$(date +%T)] $*" >&2
}

token=$(curl -fsS --request POST --data @login.json "$VAULT_ADDR/v1/auth/approle/login" | jq -r .auth.client_token)

old=$(curl -fsS -H "X-Vault-Token: $token" "$VAULT_ADDR/v1/secret/deploy/$environment" | jq -r .data.key)

log "making a new key"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"

curl -fsS -X PUT \
    -H "X-Vault-Token: $token" \
    -H 'Content-Type: application/json' \
    -d "{\"key\": \"$(base64 -w0 "$work/key")\"}" \
    "$VAULT_ADDR/v1/secret/deploy/$environment" >/dev/null

if ! wget -q -O "$work/hosts" "https://inventory.example/hosts.txt"; then
    log "no inventory; is https://inventory.example up?"
    exit 1
fi

while read -r host; do
    ssh "$host" "sed -i '/$old/d' .ssh/authorized_keys" </dev/null
done <"$work/hosts"

curl --silent --show-error https://chat.example/hooks/ops -d "text=keys of $environment rotated"
log "done"
