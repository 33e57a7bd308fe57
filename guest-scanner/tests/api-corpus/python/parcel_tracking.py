"""Looks up parcels and tells the warehouse about them.

The carrier's manual is at https://carrier.example/manual.
"""
from __future__ import annotations

import logging
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

log = logging.getLogger(__name__)

CARRIER_API = "https://api.carrier.example/v4"
WAREHOUSE_HOOK = "https://warehouse.example/hooks/parcels"
TRACKING_PAGE = "see https://carrier.example/track for the public page"


class ParcelError(Exception):
    """Something about a parcel went wrong."""


@dataclass
class Parcel:
    number: str
    state: str
    eta: str | None = None


def make_session(token: str) -> requests.Session:
    session = requests.Session()
    retries = Retry(total=3, backoff_factor=0.5, status_forcelist=[502, 503])
    session.mount("https://", HTTPAdapter(max_retries=retries))
    session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    return session


class ParcelTracker:
    def __init__(self, token: str, timeout: float = 10.0) -> None:
        self.session = make_session(token)
        self.timeout = timeout
        self._known: dict[str, Parcel] = {}

    def get(self, number: str) -> Parcel:
        if number in self._known:
            return self._known.get(number)
        answer = self.session.get(f"{CARRIER_API}/parcels/{number}", timeout=self.timeout)
        if answer.status_code == 404:
            raise ParcelError(f"no parcel {number}, look at https://carrier.example/help")
        answer.raise_for_status()
        body = answer.json()
        parcel = Parcel(number, body["state"], body.get("eta"))
        self._known[number] = parcel
        return parcel

    def redirect(self, number: str, address: dict) -> None:
        url = CARRIER_API + "/parcels/" + number + "/address"
        answer = self.session.put(url, json=address, timeout=self.timeout)
        answer.raise_for_status()

    def events(self, number: str, page: int = 1) -> list[dict]:
        url = "{}/parcels/{}/events".format(CARRIER_API, number)
        answer = self.session.get(url, params={"page": page}, timeout=self.timeout)
        return answer.json()["events"]

    def forget(self, number: str) -> bool:
        answer = self.session.delete(f"{CARRIER_API}/watch/{number}")
        self._known.pop(number, None)
        return answer.ok


def notify(parcel: Parcel) -> None:
    log.info("telling the warehouse about %s", parcel.number)
    requests.post(
        WAREHOUSE_HOOK,
        json={"number": parcel.number, "state": parcel.state},
        timeout=5,
    )


def main(numbers: list[str], token: str) -> None:
    tracker = ParcelTracker(token)
    for number in numbers:
        try:
            notify(tracker.get(number))
        except ParcelError as error:
            log.warning("%s", error)
