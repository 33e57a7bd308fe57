import Foundation

final class Feed {
    private var task: URLSessionWebSocketTask?

    func open() {
        let url = URL(string: "wss://feed.example.com/v1")!
        task = URLSession.shared.webSocketTask(with: url)
        task?.resume()
    }

    let help = """
    URLSession.shared.dataTask(with: "https://prose.example")
    """
}
