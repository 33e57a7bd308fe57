import scala.io.Source
import akka.http.scaladsl.model._

object Sources {
  /* Source.fromURL("https://comment.example") */
  def page(id: Int): String = Source.fromURL(s"https://pages.example.com/$id").mkString

  val request = HttpRequest(method = HttpMethods.POST, uri = "https://akka.example.com/jobs")
  val local = Source.fromFile("/etc/hosts")
}
