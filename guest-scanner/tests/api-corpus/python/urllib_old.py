import json
import urllib.request
from urllib.parse import quote, urlencode

HOST = "search.example.org"


def search(term):
    url = "https://" + HOST + "/q?" + "term=" + quote(term)
    with urllib.request.urlopen(url) as page:
        return json.load(page)


def submit(form):
    data = urlencode(form).encode()
    request = urllib.request.Request("https://search.example.org/submit", data=data)
    return urllib.request.urlopen(request).read()


def replace(key, body):
    req = urllib.request.Request(f"https://{HOST}/items/{key}", data=body, method="PUT")
    return urllib.request.urlopen(req)
