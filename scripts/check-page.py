"""Opens a report's HTML page in headless Chromium and looks at it.

    check-page.py CHROMIUM PAGE [SCREENSHOT-PREFIX]

Checks that the tables are filled, that sorting and filtering work by click, by typing and by the URL's fragment, that
no request leaves the page, that no script but its own runs, and that hostile names stay text. Prints one JSON object
of what it saw; fails if something is wrong. With a prefix it leaves PREFIX-light.png and PREFIX-dark.png.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 60
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--remote-debugging-pipe", "--window-size=1360,1500",
]


class Browser:
    """Chromium, spoken to over a pipe: JSON messages that end with a zero byte."""

    def __init__(self, command):
        self.profile = tempfile.mkdtemp()
        (theirs_in, self.out), (self.into, theirs_out) = os.pipe(), os.pipe()

        def descriptors():
            # The protocol's are 3 and 4; what lies there may be one of ours.
            high_in, high_out = os.dup2(theirs_in, 100), os.dup2(theirs_out, 101)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        self.process = subprocess.Popen(
            [command, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.events, self.number, self.session = b"", [], 0, None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.into], [], [], max(0, end - time.monotonic()))
            more = os.read(self.into, 1 << 20) if ready else b""
            if not more:
                raise RuntimeError("Chromium says nothing more")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def open(self, url):
        # A changed fragment alone would not load the page anew.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE_SECONDS
        while self.run("document.readyState + location.protocol") != "completefile:":
            if time.monotonic() > end:
                raise RuntimeError("the page does not load")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


COLUMN = """((id, name) => { const table = document.getElementById(id);
  const at = [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent === name);
  return [...table.tBodies[0].rows].map(row => row.cells[at].textContent); })"""
CLICK = """((id, name) => [...document.getElementById(id).querySelectorAll("th button")]
  .find(button => button.textContent === name).click())"""


def column(browser, table, name):
    return browser.run(f"{COLUMN}({json.dumps(table)}, {json.dumps(name)})")


def click(browser, table, name):
    browser.run(f"{CLICK}({json.dumps(table)}, {json.dumps(name)})")


def look(browser, url):
    """What is wrong, and what was seen."""
    wrong, seen = [], {}

    def expect(what, holds):
        if not holds:
            wrong.append(what)

    browser.open(url)
    seen["rows"] = browser.run("Object.fromEntries([...document.querySelectorAll('table')].map(t => [t.id, t.tBodies[0].rows.length]))")
    expect("the tables are not filled", seen["rows"].get("packages", 0) > 1 and seen["rows"].get("repositories", 0) > 0)
    seen["bars"] = browser.run("document.querySelectorAll('svg rect').length")
    expect("the chart has no bars", seen["bars"] > 0)

    browser.run("document.querySelector('#packages').closest('section').querySelector('.bar > button').click()")
    names = column(browser, "packages", "Package")
    key = str.casefold
    click(browser, "packages", "Package")
    up = column(browser, "packages", "Package")
    click(browser, "packages", "Package")
    down = column(browser, "packages", "Package")
    collated = browser.run(f"{json.dumps(names)}.sort(new Intl.Collator('en', {{numeric: true, sensitivity: 'base'}}).compare)")
    expect("a click does not sort", [*map(key, up)] == [*map(key, collated)])
    expect("a second click does not turn the order", [*map(key, down)] == [*map(key, reversed(collated))])
    expect("the fragment does not say the order", browser.run("location.hash") == "#sort=packages:Package:desc")
    browser.open(f"{url}#sort=packages:Package:desc")
    first = column(browser, "packages", "Package")
    expect("the fragment does not sort", first and first == down[: len(first)])
    browser.open(f"{url}#sort=%ZZ:%3Cimg%20src=x%3E")
    expect("a bad fragment breaks the page", len(column(browser, "packages", "Package")) == len(first))

    browser.run("""(() => { const input = document.querySelector('[aria-label="Filter packages"]');
        input.value = 'zz-matches-nothing'; input.dispatchEvent(new Event('input')); })()""")
    expect("the filter does not filter", column(browser, "packages", "Package") == [])

    seen["names"] = names
    seen["elements"] = browser.run("document.querySelectorAll('img, iframe, object, embed, link, a, form, script[src]').length")
    expect("there are elements that could load something", seen["elements"] == 0)
    expect("something ran that should not", browser.run("window.hacked === undefined"))

    # The content security policy itself: what an injected element would do is refused.
    browser.run("""(() => { const image = document.createElement('img'); image.src = 'https://127.0.0.1:9/leak';
        const script = document.createElement('script'); script.textContent = 'window.hacked = 1';
        document.body.append(image, script); })()""")
    expect("an injected script runs", browser.run("window.hacked === undefined"))
    expect("fetch is not refused", browser.run("fetch('https://127.0.0.1:9/leak').then(() => false, () => true)"))
    return wrong, seen


def requests(events, page):
    """Requests of the page that are not for itself and that the policy has not stopped, and dialogs."""
    blocked = {event["params"]["requestId"] for event in events if event.get("method") == "Network.loadingFailed"
               and event["params"].get("blockedReason") == "csp"}
    found = []
    for event in events:
        if event.get("method") == "Network.requestWillBeSent":
            request = event["params"]
            address = request["request"]["url"].split("#")[0]
            if address not in (page, "about:blank") and request["requestId"] not in blocked:
                found.append(address)
        if event.get("method") == "Page.javascriptDialogOpening":
            found.append("a dialog: " + event["params"]["message"])
    return found


def screenshots(browser, url, prefix):
    for theme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        browser.open(url)
        image = browser.call("Page.captureScreenshot", format="png")["data"]
        Path(f"{prefix}-{theme}.png").write_bytes(base64.b64decode(image))


def main(command, page, prefix=None):
    url = Path(page).resolve().as_uri()
    browser = Browser(command)
    try:
        browser.attach()
        wrong, seen = look(browser, url)
        browser.run("1")
        seen["requests"] = requests(browser.events, url)
        wrong += [f"a request leaves the page: {request}" for request in seen["requests"]]
        if prefix:
            screenshots(browser, url, prefix)
    finally:
        browser.close()
    print(json.dumps({"wrong": wrong, **seen}))
    sys.exit(bool(wrong))


main(*sys.argv[1:])
