import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.http.HttpMethod;

public class Spring {
    private final RestTemplate restTemplate;
    private final WebClient web = WebClient.builder().baseUrl("https://inventory.example.com").build();

    public Spring(RestTemplate restTemplate) {
        this.restTemplate = restTemplate;
    }

    public User user(long id) {
        return restTemplate.getForObject("https://users.example.com/users/{id}", User.class, id);
    }

    public void update(User user) {
        String url = String.format("https://users.example.com/users/%d", user.id);
        restTemplate.exchange(url, HttpMethod.PUT, null, Void.class);
    }

    public Mono<Item> item(String sku) {
        return web.get()
            .uri("/items/{sku}", sku)
            .retrieve()
            .bodyToMono(Item.class);
    }
}
