"""A small client. See https://docs.github.com/rest for what requests.get("https://nothing") gives."""
import requests

API = "https://api.github.com"
DOCS_URL = "https://docs.github.com/rest"


class GitHub:
    def __init__(self, token, base_url=API):
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "token " + token

    def repo(self, owner, name):
        return self.session.get(f"{self.base_url}/repos/{owner}/{name}").json()

    def star(self, owner, name):
        # requests.put("https://api.github.com/commented")
        url = "%s/user/starred/%s/%s" % (self.base_url, owner, name)
        self.session.put(url)

    def remove(self, path):
        return requests.request(
            "DELETE",
            API + "/" + path,
            timeout=5,
        )
