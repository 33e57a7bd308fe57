#!/bin/sh
REPO=acme/tool
BASE=${BASE:-https://github.com/$REPO/releases}
download() {
  if command -v curl >/dev/null; then
    curl -sSL "$1" -o "$2"
  else
    wget -O "$2" "$1"
  fi
}
apt-get install -y curl wget
cat <<EOF2
curl https://heredoc.example
EOF2
curl -T dist.tgz -u "$USER:$PASS" ftp.example.com/dist.tgz
curl --request DELETE --url https://api.example.com/tags/old
