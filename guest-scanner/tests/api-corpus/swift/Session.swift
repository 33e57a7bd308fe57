import Foundation

struct API {
    static let base = "https://api.photos.example.com"

    func photo(_ id: String) async throws -> Data {
        let url = URL(string: "\(API.base)/photos/\(id)")!
        let (data, _) = try await URLSession.shared.data(from: url)
        return data
    }

    func upload(_ body: Data, token: String) {
        var request = URLRequest(url: URL(string: API.base + "/photos")!)
        request.httpMethod = "POST"
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        URLSession.shared.dataTask(with: request).resume()
    }
    // URLSession.shared.dataTask(with: URL(string: "https://comment.example")!)
}
