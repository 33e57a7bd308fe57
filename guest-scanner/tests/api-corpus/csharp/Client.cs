using System.Net.Http;
using System.Net.Http.Json;

namespace Shop;

/// <summary>Calls https://docs.example.com never.</summary>
public class Client
{
    private const string Root = "https://shop.example.com/api";
    private readonly HttpClient _http;

    public Client(HttpClient http) => _http = http;

    public Task<Product?> Get(int id) =>
        _http.GetFromJsonAsync<Product>($"{Root}/products/{id}");

    public async Task Buy(int id)
    {
        // await _http.PostAsync("https://comment.example", null);
        await _http.PostAsJsonAsync(Root + "/orders", new { id });
        var request = new HttpRequestMessage(HttpMethod.Delete, @"https://shop.example.com/api/cart");
        request.Headers.Add("Authorization", "Bearer " + Token);
        await _http.SendAsync(request);
    }
}
