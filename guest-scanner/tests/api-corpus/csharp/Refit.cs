using Refit;
using RestSharp;

namespace Acme.Geo;

public interface IPlaces
{
    [Get("/places/{id}")]
    Task<Place> GetPlace(string id, [Header("X-Api-Key")] string key);

    [Post("/places")]
    Task<Place> Create([Body] Place place);
}

public class Tiles
{
    private readonly RestClient client = new RestClient("https://tiles.example.net");

    public byte[] Tile(int z, int x, int y)
    {
        var request = new RestRequest("/tiles/{z}/{x}/{y}.png", Method.Get);
        request.AddUrlSegment("z", z);
        return client.DownloadData(request);
    }
}
