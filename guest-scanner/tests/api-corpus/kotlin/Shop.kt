package example.shop

import io.ktor.client.HttpClient
import io.ktor.client.call.body
import io.ktor.client.request.delete
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.parameter
import io.ktor.client.request.post
import io.ktor.client.request.setBody

private const val SHOP = "https://shop.example.com/api"

class ShopClient(private val client: HttpClient, private val token: String) {
    suspend fun product(id: Long): Product = client.get("$SHOP/products/$id") {
        header("Authorization", "Bearer $token")
        parameter("currency", "EUR")
    }.body()

    suspend fun order(order: Order) {
        client.post("$SHOP/orders") { setBody(order) }
    }

    suspend fun cancel(id: Long) = client.delete("$SHOP/orders/${id}")

    fun cached(cache: Map<String, Product>) = cache["https://shop.example.com/api/products/1"]
}
