import Foundation

struct Recipe: Codable {
    let id: Int
    let title: String
    var link = "https://recipes.example/share"
}

/// Loads recipes from https://recipes.example.
final class RecipeStore {
    private let base = "https://api.recipes.example/v3"
    private let session: URLSession
    private var cache: [Int: Recipe] = [:]

    init(session: URLSession = .shared) {
        self.session = session
    }

    func recipe(_ id: Int) async throws -> Recipe {
        if let known = cache[id] {
            return known
        }
        let url = URL(string: "\(base)/recipes/\(id)")!
        let (data, _) = try await session.data(from: url)
        let recipe = try JSONDecoder().decode(Recipe.self, from: data)
        cache[id] = recipe
        return recipe
    }

    func save(_ recipe: Recipe, token: String) async throws {
        var request = URLRequest(url: URL(string: base + "/recipes")!)
        request.httpMethod = "POST"
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        request.httpBody = try JSONEncoder().encode(recipe)
        _ = try await session.data(for: request)
    }

    func delete(_ id: Int, completion: @escaping (Bool) -> Void) {
        var request = URLRequest(url: URL(string: "\(base)/recipes/\(id)")!)
        request.httpMethod = "DELETE"
        session.dataTask(with: request) { _, response, _ in
            completion((response as? HTTPURLResponse)?.statusCode == 204)
        }.resume()
    }

    func forget(_ id: Int) {
        cache.removeValue(forKey: id)
    }
}
