//! Go's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, at, call, chained, connect};

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["net/http"],
        functions: &[
            call("http.Get", "GET"),
            call("http.Post", "POST"),
            call("http.PostForm", "POST"),
            call("http.Head", "HEAD"),
            at("http.NewRequest", 0, 1),
            at("http.NewRequestWithContext", 1, 2),
            at("retryablehttp.NewRequest", 0, 1),
            at("retryablehttp.NewRequestWithContext", 1, 2),
            call("http.DefaultClient.Get", "GET"),
            call("http.DefaultClient.Post", "POST"),
            call("http.DefaultClient.PostForm", "POST"),
            call("http.DefaultClient.Head", "HEAD"),
            call("retryablehttp.Get", "GET"),
            call("cleanhttp.DefaultClient.Get", "GET"),
        ],
        types: &[
            "http.Client",
            "retryablehttp.NewClient",
            "retryablehttp.Client",
            "cleanhttp.DefaultClient",
            "http.DefaultClient",
        ],
        usual: &["httpClient", "HTTPClient", "client"],
        methods: &[call("Get", "GET"), call("Post", "POST"), call("PostForm", "POST"), call("Head", "HEAD")],
        bases: &[],
        ..Library::new("net/http")
    },
    Library {
        hints: &["resty", "req/v3"],
        types: &["resty.New", "resty.Client", "resty.NewWithClient", "req.C", "resty.Request"],
        usual: &["client", "R"],
        methods: &[
            call("Get", "GET"),
            call("Post", "POST"),
            call("Put", "PUT"),
            call("Patch", "PATCH"),
            call("Delete", "DELETE"),
            call("Head", "HEAD"),
            at("Execute", 0, 1),
        ],
        bases: &["SetBaseURL", "SetHostURL"],
        ..Library::new("resty")
    },
    Library {
        hints: &["gorequest"],
        types: &["gorequest.New"],
        usual: &["request"],
        methods: &[
            call("Get", "GET"),
            call("Post", "POST"),
            call("Put", "PUT"),
            call("Delete", "DELETE"),
            call("Patch", "PATCH"),
        ],
        ..Library::new("gorequest")
    },
    Library {
        hints: &["fasthttp"],
        functions: &[call("fasthttp.Get", "GET"), call("fasthttp.Post", "POST")],
        types: &["fasthttp.AcquireRequest"],
        usual: &["req"],
        methods: &[Call { callee: "SetRequestURI", method: Method::Option("GET"), url: At::Argument(0) }],
        ..Library::new("fasthttp")
    },
    Library { hints: &["sling"], types: &["sling.New"], methods: &[chained("Base", "GET")], ..Library::new("sling") },
    Library {
        kind: CallKind::WebSocket,
        hints: &["websocket"],
        functions: &[
            connect("websocket.DefaultDialer.Dial", 0),
            connect("websocket.DefaultDialer.DialContext", 1),
            connect("websocket.Dial", 0),
            connect("websocket.NewConfig", 0),
        ],
        types: &["websocket.Dialer"],
        usual: &["dialer"],
        methods: &[connect("Dial", 0), connect("DialContext", 1)],
        bases: &[],
        ..Library::new("websocket")
    },
    Library {
        kind: CallKind::GraphQl,
        hints: &["graphql"],
        functions: &[call("graphql.NewClient", "POST"), call("githubv4.NewEnterpriseClient", "POST")],
        ..Library::new("graphql")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["grpc"],
        functions: &[
            connect("grpc.Dial", 0),
            connect("grpc.NewClient", 0),
            connect("grpc.DialContext", 1),
            connect("rpc.Dial", 0),
        ],
        ..Library::new("grpc")
    },
];
