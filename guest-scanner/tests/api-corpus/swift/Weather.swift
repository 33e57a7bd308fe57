import Foundation

enum Endpoint {
    static let root = URL(string: "https://weather.example.org/v1")!
}

final class WeatherService {
    private let session: URLSession
    private let key: String

    init(session: URLSession = .shared, key: String) {
        self.session = session
        self.key = key
    }

    /// See https://weather.example.org/docs
    func today(in city: String) async throws -> Forecast {
        var components = URLComponents(string: "https://weather.example.org/v1/today")!
        components.queryItems = [URLQueryItem(name: "city", value: city)]
        let (data, _) = try await session.data(from: components.url!)
        return try JSONDecoder().decode(Forecast.self, from: data)
    }

    func report(_ body: Data, done: @escaping (Error?) -> Void) {
        var request = URLRequest(url: URL(string: "https://weather.example.org/v1/reports")!)
        request.httpMethod = "POST"
        request.addValue(key, forHTTPHeaderField: "X-Api-Key")
        session.uploadTask(with: request, from: body) { _, _, error in done(error) }.resume()
    }
}
