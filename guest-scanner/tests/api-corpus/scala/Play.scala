package controllers

import javax.inject.Inject
import play.api.libs.ws.WSClient
import scala.concurrent.{ExecutionContext, Future}

class Search @Inject() (ws: WSClient)(implicit context: ExecutionContext) {
  private val base = "https://search.example.io"

  // ws.url("https://old.example.io").get()
  def find(term: String): Future[String] =
    ws.url(s"$base/find").withQueryStringParameters("q" -> term).get().map(_.body)

  def index(id: String, document: String): Future[Int] =
    ws.url(s"$base/documents/$id").addHttpHeaders("Content-Type" -> "text/plain").put(document).map(_.status)
}
