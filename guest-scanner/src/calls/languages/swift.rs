//! Swift's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, at, call, connect, optional};

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["URLSession", "URLRequest", "NSURLSession"],
        functions: &[
            optional("URLRequest", "GET"),
            optional("NSMutableURLRequest", "GET"),
            optional("URLSession.shared.dataTask", "GET"),
            call("URLSession.shared.data", "GET"),
            call("URLSession.shared.download", "GET"),
            call("URLSession.shared.downloadTask", "GET"),
            call("URLSession.shared.bytes", "GET"),
            call("URLSession.shared.dataTaskPublisher", "GET"),
            call("URLSession.shared.upload", "POST"),
            call("URLSession.shared.uploadTask", "POST"),
        ],
        types: &["URLSession", "URLSession.init"],
        usual: &["session", "urlSession"],
        methods: &[
            optional("dataTask", "GET"),
            call("data", "GET"),
            call("download", "GET"),
            call("downloadTask", "GET"),
            call("dataTaskPublisher", "GET"),
            call("uploadTask", "POST"),
            call("bytes", "GET"),
        ],
        bases: &[],
        ..Library::new("URLSession")
    },
    Library {
        hints: &["Alamofire", "AF."],
        functions: &[
            optional("AF.request", "GET"),
            optional("Alamofire.request", "GET"),
            optional("AF.download", "GET"),
            optional("AF.upload", "POST"),
            optional("Alamofire.download", "GET"),
            optional("Alamofire.upload", "POST"),
            optional("Session.default.request", "GET"),
        ],
        types: &["SessionManager", "Session"],
        usual: &["sessionManager", "manager", "afSession"],
        methods: &[optional("request", "GET"), optional("download", "GET")],
        bases: &[],
        ..Library::new("Alamofire")
    },
    Library {
        hints: &["contentsOf", "contentsOfURL"],
        functions: &[
            Call { callee: "Data", method: Method::Is("GET"), url: At::Argument(9) },
            Call { callee: "String", method: Method::Is("GET"), url: At::Argument(9) },
        ],
        ..Library::new("Foundation")
    },
    Library {
        kind: CallKind::WebSocket,
        hints: &["webSocketTask", "Starscream", "WebSocket"],
        functions: &[connect("URLSession.shared.webSocketTask", 0), connect("WebSocket", 0)],
        types: &["URLSession"],
        usual: &["session", "urlSession"],
        methods: &[connect("webSocketTask", 0)],
        bases: &[],
        ..Library::new("websocket")
    },
    Library {
        kind: CallKind::GraphQl,
        hints: &["Apollo"],
        functions: &[call("ApolloClient", "POST"), call("RequestChainNetworkTransport", "POST")],
        ..Library::new("Apollo")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["GRPC"],
        functions: &[connect("ClientConnection.connect", 0), connect("connect", 0), connect("GRPCChannelPool.with", 0)],
        ..Library::new("grpc-swift")
    },
    Library {
        hints: &["HTTPClient"],
        functions: &[call("HTTPClientRequest", "GET"), call("HTTPClient.shared.get", "GET")],
        types: &["HTTPClient"],
        usual: &["httpClient"],
        methods: &[call("get", "GET"), call("post", "POST"), at("execute", 0, 1)],
        bases: &[],
        ..Library::new("async-http-client")
    },
];
