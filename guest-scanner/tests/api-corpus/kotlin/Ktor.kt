import io.ktor.client.*
import io.ktor.client.request.*

const val BASE = "https://api.recipes.example.com"

class Recipes(private val client: HttpClient) {
    suspend fun find(term: String) = client.get("$BASE/search?q=$term")

    suspend fun rate(id: Int, stars: Int) {
        client.post("${BASE}/recipes/${id}/rating") {
            setBody(stars)
        }
    }
    // client.delete("$BASE/commented")
    fun label(map: Map<String, String>) = map.get("https://example.com")
}
