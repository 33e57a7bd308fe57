using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

namespace Library
{
    /// <summary>Asks the catalogue; its terms are at https://catalogue.example/terms.</summary>
    public class LibraryClient : IDisposable
    {
        private const string CatalogueUrl = "https://catalogue.example/api";
        private readonly HttpClient client = new HttpClient();
        private readonly Dictionary<string, Book> known = new Dictionary<string, Book>();

        public async Task<Book> FindAsync(string isbn)
        {
            if (known.TryGetValue(isbn, out var book))
            {
                return book;
            }
            book = await client.GetFromJsonAsync<Book>($"{CatalogueUrl}/books/{isbn}");
            known[isbn] = book;
            return book;
        }

        public async Task<string> CoverAsync(string isbn)
        {
            return await client.GetStringAsync("https://covers.example/" + isbn + ".svg");
        }

        public async Task ReserveAsync(string isbn, string card)
        {
            var body = new StringContent(JsonSerializer.Serialize(new { isbn, card }), Encoding.UTF8, "application/json");
            var response = await client.PostAsync(CatalogueUrl + "/reservations", body);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException("refused, see https://catalogue.example/help");
            }
        }

        public async Task CancelAsync(int reservation)
        {
            await client.DeleteAsync($"{CatalogueUrl}/reservations/{reservation}");
        }

        public async Task ExtendAsync(int loan)
        {
            // the catalogue knows no PATCH in GetFromJsonAsync and its like
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{CatalogueUrl}/loans/{loan}");
            request.Headers.Add("X-Days", "14");
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }

        public void Dispose() => client.Dispose();
    }
}
