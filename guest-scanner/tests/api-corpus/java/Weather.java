package com.example;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Calls {@code HttpRequest.newBuilder().uri(URI.create("https://doc.example"))}. */
public class Weather {
    private static final String BASE = "https://api.weather.example.com";
    private final HttpClient client = HttpClient.newHttpClient();

    String today(String city) throws Exception {
        HttpRequest request = HttpRequest.newBuilder()
            .uri(URI.create(BASE + "/today/" + city))
            .header("X-API-Key", System.getenv("KEY"))
            .GET()
            .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    void report(String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.weather.example.com/reports"))
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
        client.send(request, HttpResponse.BodyHandlers.discarding());
    }
}
