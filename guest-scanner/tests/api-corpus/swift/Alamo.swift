import Alamofire

let host = "https://alamo.example.com"

func find(_ term: String) {
    AF.request("\(host)/find/\(term)").responseDecodable(of: Found.self) { _ in }
}

func save(_ item: Item) {
    AF.request(host + "/items", method: .post, parameters: item).response { _ in }
}
