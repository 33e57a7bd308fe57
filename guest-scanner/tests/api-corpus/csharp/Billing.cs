using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Acme.Billing
{
    /// <summary>Talks to the ledger. Docs: https://docs.ledger.example/api</summary>
    public sealed class LedgerClient : ILedgerClient
    {
        private const string Base = "https://ledger.example/api/v3";
        private readonly HttpClient _http;
        private readonly ILogger<LedgerClient> _logger;

        public LedgerClient(HttpClient http, ILogger<LedgerClient> logger)
        {
            _http = http;
            _logger = logger;
        }

        public Task<Invoice> InvoiceAsync(Guid id, CancellationToken stop) =>
            _http.GetFromJsonAsync<Invoice>($"{Base}/invoices/{id}", stop);

        public async Task<bool> PayAsync(Guid id, decimal amount)
        {
            using var answer = await _http.PostAsJsonAsync($"{Base}/invoices/{id}/payments", new { amount });
            _logger.LogInformation("paid {Id}, see https://ledger.example/ui", id);
            return answer.IsSuccessStatusCode;
        }

        public async Task VoidAsync(Guid id, string token)
        {
            var request = new HttpRequestMessage(HttpMethod.Delete, Base + "/invoices/" + id);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            await _http.SendAsync(request);
        }
    }
}
