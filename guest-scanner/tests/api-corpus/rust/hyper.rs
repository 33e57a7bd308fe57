use hyper::{Body, Method, Request};

pub fn build(id: &str) -> Request<Body> {
    Request::builder()
        .method(Method::PUT)
        .uri(format!("https://hyper.example.com/items/{}", id))
        .header("authorization", "Bearer x")
        .body(Body::empty())
        .unwrap()
}

pub async fn stream() {
    let (socket, _) = tokio_tungstenite::connect_async("wss://stream.example.com/x").await.unwrap();
    drop(socket);
}
