import okhttp3.*;

class Ok {
    private static final String HOST = "https://push.example.com";
    private final OkHttpClient client = new OkHttpClient();

    void push(String device, String body) throws java.io.IOException {
        Request request = new Request.Builder()
            .url(HOST + "/devices/" + device + "/push")
            .addHeader("Authorization", Credentials.basic("user", "pass"))
            .post(RequestBody.create(body, MediaType.get("application/json")))
            .build();
        client.newCall(request).execute().close();
    }
}
