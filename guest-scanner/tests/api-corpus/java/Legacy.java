import java.net.HttpURLConnection;
import java.net.URL;

public class Legacy {
    // new URL("https://comment.example").openConnection()
    public int delete(String id) throws Exception {
        URL url = new URL("https://legacy.example.com/items/" + id);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod("DELETE");
        return connection.getResponseCode();
    }

    public java.io.InputStream page() throws Exception {
        return new URL("https://legacy.example.com/page").openStream();
    }

    public String name() {
        return "xmlns=\"http://www.w3.org/1999/xhtml\"";
    }
}
