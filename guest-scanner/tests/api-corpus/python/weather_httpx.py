import httpx
import os

WEATHER = os.environ.get("WEATHER_URL", "https://api.weather.example.net/v2")


async def forecast(city: str, key: str):
    params = {"q": city}
    async with httpx.AsyncClient(base_url=WEATHER, timeout=10) as client:
        answer = await client.get("/forecast", params=params, headers={"X-Api-Key": key})
        answer.raise_for_status()
        await client.post("/seen/{}".format(city), json={"seen": True})
    return answer.json().get("days", {}).get("today")


def ping():
    return httpx.head("https://status.weather.example.net/")
