package app

import okhttp3.OkHttpClient
import okhttp3.Request

class Downloader(private val http: OkHttpClient) {
    companion object {
        private const val CDN = "https://cdn.example.com"
    }

    fun file(name: String): String {
        val request = Request.Builder().url("$CDN/files/$name").build()
        return http.newCall(request).execute().use { it.body!!.string() }
    }
}
