for host in a b; do
  if ! curl --fail --silent --max-time 5 "http://$host:8080/health" > /dev/null; then
    echo "down: $host" >&2
  fi
done
sudo curl -G https://search.example.com/find --data-urlencode "q=$1"
curl -I https://head.example.com
