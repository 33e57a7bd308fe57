package example.notes

import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import retrofit2.Retrofit
import retrofit2.http.Body
import retrofit2.http.DELETE
import retrofit2.http.GET
import retrofit2.http.PUT
import retrofit2.http.Path
import retrofit2.http.Query

interface NotesApi {
    @GET("notes")
    suspend fun notes(@Query("page") page: Int): List<Note>

    @PUT("notes/{id}")
    suspend fun save(@Path("id") id: String, @Body note: Note): Note

    @DELETE("notes/{id}")
    suspend fun delete(@Path("id") id: String)
}

data class Note(val id: String, val text: String, val source: String = "https://notes.example/help")

object Notes {
    val api: NotesApi = Retrofit.Builder()
        .baseUrl("https://notes.example/api/")
        .build()
        .create(NotesApi::class.java)
}

class CrashReporter(private val client: OkHttpClient, private val app: String) {
    fun report(text: String) {
        val request = Request.Builder()
            .url("https://crashes.example/apps/$app/reports")
            .header("X-App", app)
            .post(text.toRequestBody("text/plain".toMediaType()))
            .build()
        client.newCall(request).execute().close()
    }

    fun settings(): String? {
        val request = Request.Builder().url("https://crashes.example/apps/$app/settings.json").build()
        return client.newCall(request).execute().use { it.body?.string() }
    }
}
