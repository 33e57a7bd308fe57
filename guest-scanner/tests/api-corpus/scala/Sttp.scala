import sttp.client3._

object Search {
  val root = "https://search.example.com"

  def find(term: String) =
    basicRequest.get(uri"$root/find?q=$term").send(HttpURLConnectionBackend())

  def index(doc: String) =
    basicRequest
      .body(doc)
      .post(uri"https://search.example.com/index")
}
