# -*- coding: utf-8 -*-
"""Nothing here talks to anybody: requests.get('https://example.com') is prose."""
NAMESPACE = "http://www.w3.org/2000/svg"
LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
HOMEPAGE = "https://example.com/project"
ERROR = "see https://example.com/help for help"


class Registry(dict):
    def get(self, key, default=None):
        return super().get(key, default)


def read(registry):
    # registry.post("https://x.example")
    return registry.get("http://www.w3.org/2000/svg")
