//! Rust's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, VERBS, at, call, chained, connect};

const METHODS: &[Call] = &[
    call("get", "GET"),
    call("post", "POST"),
    call("put", "PUT"),
    call("patch", "PATCH"),
    call("delete", "DELETE"),
    call("head", "HEAD"),
    at("request", 0, 1),
];

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["reqwest"],
        functions: &[
            call("reqwest.get", "GET"),
            call("reqwest.blocking.get", "GET"),
            at("reqwest.Request.new", 0, 1),
            at("reqwest.blocking.Request.new", 0, 1),
        ],
        types: &[
            "reqwest.Client.new",
            "reqwest.blocking.Client.new",
            "Client.new",
            "reqwest.Client",
            "reqwest.blocking.Client",
            "Client.builder",
            "reqwest.Client.builder",
            "reqwest.ClientBuilder.new",
            "ClientBuilder.new",
            "reqwest.blocking.Client.builder",
            "ClientWithMiddleware",
            "reqwest_middleware.ClientBuilder.new",
            "reqwest.blocking.ClientBuilder.new",
            "Client",
        ],
        usual: &["client", "http_client", "http", "reqwest_client"],
        methods: METHODS,
        bases: &[],
        ..Library::new("reqwest")
    },
    Library {
        hints: &["ureq"],
        functions: &[
            call("ureq.get", "GET"),
            call("ureq.post", "POST"),
            call("ureq.put", "PUT"),
            call("ureq.patch", "PATCH"),
            call("ureq.delete", "DELETE"),
            call("ureq.head", "HEAD"),
            at("ureq.request", 0, 1),
        ],
        types: &["ureq.agent", "ureq.Agent", "ureq.AgentBuilder.new", "AgentBuilder.new", "Agent", "ureq.builder"],
        usual: &["agent"],
        methods: METHODS,
        bases: &[],
        ..Library::new("ureq")
    },
    Library {
        hints: &["hyper::", "http::", "Request::builder"],
        functions: &[
            chained("Request.builder.uri", "GET"),
            call("Request.get", "GET"),
            call("Request.post", "POST"),
            call("Request.put", "PUT"),
            call("Request.delete", "DELETE"),
        ],
        types: &["Request.builder", "http.Request.builder", "hyper.Request.builder"],
        methods: &[chained("uri", "GET")],
        bases: &[],
        ..Library::new("hyper")
    },
    Library {
        hints: &["attohttpc"],
        functions: &[
            call("attohttpc.get", "GET"),
            call("attohttpc.post", "POST"),
            call("attohttpc.put", "PUT"),
            call("attohttpc.delete", "DELETE"),
        ],
        ..Library::new("attohttpc")
    },
    Library {
        hints: &["minreq"],
        functions: &[
            call("minreq.get", "GET"),
            call("minreq.post", "POST"),
            call("minreq.put", "PUT"),
            call("minreq.delete", "DELETE"),
        ],
        ..Library::new("minreq")
    },
    Library {
        hints: &["surf::"],
        functions: &[
            call("surf.get", "GET"),
            call("surf.post", "POST"),
            call("surf.put", "PUT"),
            call("surf.delete", "DELETE"),
        ],
        ..Library::new("surf")
    },
    Library {
        hints: &["isahc"],
        functions: &[call("isahc.get", "GET"), call("isahc.post", "POST"), call("isahc.get_async", "GET")],
        ..Library::new("isahc")
    },
    Library {
        hints: &["awc::"],
        types: &["awc.Client.default", "awc.Client.new", "awc.Client", "Client.default"],
        methods: VERBS,
        bases: &[],
        ..Library::new("awc")
    },
    Library {
        hints: &["curl::"],
        types: &["Easy.new", "Easy2.new", "curl.easy.Easy.new"],
        methods: &[Call { callee: "url", method: Method::Chain("GET"), url: At::Argument(0) }],
        bases: &[],
        ..Library::new("curl")
    },
    Library { hints: &["gloo_net", "gloo"], functions: &[], ..Library::new("gloo-net") },
    Library {
        kind: CallKind::WebSocket,
        hints: &["tungstenite", "WebSocket"],
        functions: &[
            connect("connect_async", 0),
            connect("tokio_tungstenite.connect_async", 0),
            connect("tungstenite.connect", 0),
            connect("connect_async_tls_with_config", 0),
            connect("WebSocket.new", 0),
            connect("connect_async_with_config", 0),
        ],
        ..Library::new("tungstenite")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["tonic"],
        functions: &[
            connect("Channel.from_static", 0),
            connect("Channel.from_shared", 0),
            connect("Endpoint.from_static", 0),
            connect("Endpoint.from_shared", 0),
            connect("Endpoint.new", 0),
            connect("Client.connect", 0),
        ],
        ..Library::new("tonic")
    },
];
