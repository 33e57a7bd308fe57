//! The client libraries of Java, Kotlin and Scala.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, VERBS, at, call, chained, connect, optional};

const OPENS: Call = Call { callee: "openConnection", method: Method::Option("GET"), url: At::Receiver };

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["openConnection", "openStream"],
        functions: &[],
        types: &["*"],

        methods: &[OPENS, Call { callee: "openStream", method: Method::Is("GET"), url: At::Receiver }],
        bases: &[],
        ..Library::new("HttpURLConnection")
    },
    Library {
        hints: &["java.net.http", "HttpRequest"],
        functions: &[
            chained("HttpRequest.newBuilder.uri", "GET"),
            chained("HttpRequest.newBuilder", "GET"),
            chained("newBuilder.uri", "GET"),
        ],
        types: &["HttpRequest.newBuilder", "HttpRequest.Builder"],
        usual: &[],
        methods: &[chained("uri", "GET")],
        bases: &[],
        ..Library::new("java.net.http")
    },
    Library {
        hints: &["okhttp", "Request.Builder", "Request()"],
        functions: &[],
        types: &["Request.Builder", "Builder", "okhttp3.Request.Builder"],
        usual: &["requestBuilder", "reqBuilder"],
        methods: &[chained("url", "GET")],
        bases: &[],
        ..Library::new("okhttp")
    },
    Library {
        hints: &["RestTemplate", "restTemplate", "TestRestTemplate"],
        types: &["RestTemplate", "RestOperations"],
        usual: &["restTemplate", "template", "rest"],
        methods: &[
            call("getForObject", "GET"),
            call("getForEntity", "GET"),
            call("postForObject", "POST"),
            call("postForEntity", "POST"),
            call("postForLocation", "POST"),
            call("patchForObject", "PATCH"),
            call("headForHeaders", "HEAD"),
            call("put", "PUT"),
            call("delete", "DELETE"),
            at("exchange", 1, 0),
            at("execute", 1, 0),
        ],
        bases: &["rootUri"],
        ..Library::new("RestTemplate")
    },
    Library {
        hints: &["WebClient", "RestClient"],
        types: &[
            "WebClient",
            "WebClient.create",
            "RestClient",
            "RestClient.create",
            "WebClient.Builder",
            "WebClient.builder",
            "RestClient.builder",
        ],
        usual: &["webClient", "restClient"],
        methods: &[chained("uri", "GET")],
        bases: &["baseUrl", "0"],
        ..Library::new("WebClient")
    },
    Library {
        hints: &["org.apache.http", "org.apache.hc", "HttpGet", "HttpPost"],
        functions: &[
            call("HttpGet", "GET"),
            call("HttpPost", "POST"),
            call("HttpPut", "PUT"),
            call("HttpPatch", "PATCH"),
            call("HttpDelete", "DELETE"),
            call("HttpHead", "HEAD"),
            call("GetMethod", "GET"),
            call("PostMethod", "POST"),
            call("Request.Get", "GET"),
            call("Request.Post", "POST"),
            call("Request.get", "GET"),
            call("Request.post", "POST"),
            call("Request.Put", "PUT"),
            call("Request.Delete", "DELETE"),
        ],
        ..Library::new("apache-httpclient")
    },
    Library {
        hints: &["retrofit"],
        functions: &[
            call("GET", "GET"),
            call("POST", "POST"),
            call("PUT", "PUT"),
            call("PATCH", "PATCH"),
            call("DELETE", "DELETE"),
            call("HEAD", "HEAD"),
        ],
        ..Library::new("retrofit")
    },
    Library {
        hints: &["FeignClient", "feign"],
        functions: &[Call { callee: "FeignClient", method: Method::None, url: At::Argument(9) }],
        types: &["Feign.builder"],
        methods: &[connect("target", 1)],
        ..Library::new("feign")
    },
    Library {
        hints: &["ktor"],
        functions: &[],
        types: &["HttpClient"],
        usual: &["client", "httpClient", "http", "ktor"],
        methods: &[
            call("get", "GET"),
            call("post", "POST"),
            call("put", "PUT"),
            call("patch", "PATCH"),
            call("delete", "DELETE"),
            call("head", "HEAD"),
            optional("request", "GET"),
            call("submitForm", "POST"),
            connect("webSocket", 0),
            connect("webSocketSession", 0),
            call("prepareGet", "GET"),
            call("preparePost", "POST"),
        ],
        bases: &[],
        ..Library::new("ktor")
    },
    Library {
        hints: &["kittinunf", "Fuel."],
        functions: &[
            call("Fuel.get", "GET"),
            call("Fuel.post", "POST"),
            call("Fuel.put", "PUT"),
            call("Fuel.delete", "DELETE"),
            call("Fuel.patch", "PATCH"),
        ],
        ..Library::new("fuel")
    },
    Library {
        hints: &["Unirest"],
        functions: &[
            call("Unirest.get", "GET"),
            call("Unirest.post", "POST"),
            call("Unirest.put", "PUT"),
            call("Unirest.patch", "PATCH"),
            call("Unirest.delete", "DELETE"),
            call("Unirest.head", "HEAD"),
        ],
        ..Library::new("unirest")
    },
    Library { hints: &["Jsoup"], functions: &[chained("Jsoup.connect", "GET")], ..Library::new("jsoup") },
    Library {
        hints: &["volley"],
        functions: &[
            Call { callee: "StringRequest", method: Method::Argument(0), url: At::Argument(1) },
            Call { callee: "JsonObjectRequest", method: Method::Argument(0), url: At::Argument(1) },
            Call { callee: "JsonArrayRequest", method: Method::Argument(0), url: At::Argument(1) },
        ],
        ..Library::new("volley")
    },
    Library {
        hints: &["sttp", "quickRequest", "basicRequest"],
        types: &["basicRequest", "quickRequest", "emptyRequest"],
        usual: &["basicRequest", "quickRequest", "emptyRequest"],
        methods: VERBS,
        bases: &[],
        ..Library::new("sttp")
    },
    Library {
        hints: &["requests.get", "requests.post", "requests.put", "requests.delete", "requests.patch"],
        functions: &[
            call("requests.get", "GET"),
            call("requests.post", "POST"),
            call("requests.put", "PUT"),
            call("requests.delete", "DELETE"),
            call("requests.patch", "PATCH"),
        ],
        ..Library::new("requests-scala")
    },
    Library {
        hints: &["akka.http", "pekko.http", "singleRequest"],
        functions: &[optional("HttpRequest", "GET")],
        bases: &[],
        ..Library::new("akka-http")
    },
    Library {
        hints: &["play.api.libs.ws", "WSClient"],
        functions: &[],
        types: &["WSClient", "StandaloneWSClient"],
        usual: &["ws", "wsClient", "client"],
        methods: &[chained("url", "GET")],
        bases: &[],
        ..Library::new("play-ws")
    },
    Library {
        hints: &["scala.io.Source", "Source.fromURL"],
        functions: &[
            call("Source.fromURL", "GET"),
            call("Source.fromURI", "GET"),
            call("scala.io.Source.fromURL", "GET"),
        ],
        ..Library::new("scala.io")
    },
    Library {
        hints: &["scalaj", "Http("],
        functions: &[chained("Http", "GET"), chained("scalaj.http.Http", "GET")],
        ..Library::new("scalaj-http")
    },
    Library {
        kind: CallKind::WebSocket,
        hints: &["WebSocket"],
        functions: &[connect("WebSocketClient", 0)],
        types: &["newWebSocketBuilder", "StandardWebSocketClient", "HttpClient.newHttpClient.newWebSocketBuilder"],
        methods: &[connect("buildAsync", 0), connect("doHandshake", 1)],
        bases: &[],
        ..Library::new("websocket")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["grpc"],
        functions: &[
            connect("ManagedChannelBuilder.forAddress", 0),
            connect("ManagedChannelBuilder.forTarget", 0),
            connect("NettyChannelBuilder.forAddress", 0),
            connect("NettyChannelBuilder.forTarget", 0),
            connect("OkHttpChannelBuilder.forAddress", 0),
            connect("Grpc.newChannelBuilder", 0),
        ],
        ..Library::new("grpc")
    },
];
