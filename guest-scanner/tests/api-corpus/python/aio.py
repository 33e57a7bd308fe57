import aiohttp


class Api:
    def __init__(self, session: aiohttp.ClientSession, host: str) -> None:
        self._session = session
        self._host = host

    async def state(self, entity):
        async with self._session.get(f"http://{self._host}/api/states/{entity}") as resp:
            return await resp.json()

    async def call(self, domain, service, **data):
        url = f"http://{self._host}/api/services/{domain}/{service}"
        resp = await self._session.post(url, json=data)
        return resp.status

    async def listen(self):
        async with self._session.ws_connect("ws://hub.local:8123/api/websocket") as ws:
            async for message in ws:
                yield message

    def cached(self, key):
        return self._cache.get("http://not-a-call/" + key)
