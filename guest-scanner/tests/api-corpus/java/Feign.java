package com.example.stock;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

@FeignClient(name = "stock", url = "https://stock.example.com")
interface StockClient {
    @GetMapping("/items/{sku}")
    Item item(@PathVariable String sku);
}

class Prices {
    private static final String BASE = "https://prices.example.com";
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebClient web = WebClient.create("https://rates.example.com");
    private final RestTemplate rest = new RestTemplate();

    String price(String sku) throws Exception {
        HttpRequest request = HttpRequest.newBuilder().uri(URI.create(BASE + "/price/" + sku)).GET().build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    Rate rate(String from) {
        return web.get().uri("/rate/{from}", from).retrieve().bodyToMono(Rate.class).block();
    }

    void push(Item item) {
        rest.postForObject(BASE + "/items", item, Void.class);
    }
}
