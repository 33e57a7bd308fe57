import retrofit2.Retrofit
import retrofit2.http.*

interface GitHubService {
    @GET("users/{user}/repos")
    suspend fun repos(@Path("user") user: String): List<Repo>

    @POST("gists")
    suspend fun create(@Body gist: Gist): Gist
}

val retrofit: Retrofit = Retrofit.Builder()
    .baseUrl("https://api.github.com/")
    .build()
