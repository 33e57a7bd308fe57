//! PHP's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, at, call, chained, connect, optional};

const GUZZLE: &[Call] = &[
    call("get", "GET"),
    call("post", "POST"),
    call("put", "PUT"),
    call("patch", "PATCH"),
    call("delete", "DELETE"),
    call("head", "HEAD"),
    call("options", "OPTIONS"),
    call("getAsync", "GET"),
    call("postAsync", "POST"),
    at("request", 0, 1),
    at("requestAsync", 0, 1),
];

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["Guzzle", "guzzle"],
        functions: &[at("Request", 0, 1)],
        types: &["Client", "GuzzleHttp.Client", "ClientInterface", "GuzzleClient", "HttpClient"],
        usual: &["client", "httpClient", "http", "guzzle"],
        methods: GUZZLE,
        bases: &["base_uri"],
        ..Library::new("guzzle")
    },
    Library {
        hints: &["curl_init", "CURLOPT_URL"],
        functions: &[
            Call { callee: "curl_init", method: Method::Option("GET"), url: At::Argument(0) },
            Call { callee: "curl_setopt", method: Method::Option("GET"), url: At::Argument(2) },
        ],
        ..Library::new("curl")
    },
    Library {
        hints: &["file_get_contents", "fopen", "fsockopen", "get_headers"],
        functions: &[
            optional("file_get_contents", "GET"),
            optional("fopen", "GET"),
            call("get_headers", "GET"),
            call("simplexml_load_file", "GET"),
        ],
        ..Library::new("php-streams")
    },
    Library {
        hints: &["HttpClient", "HttpClientInterface"],
        functions: &[],
        types: &["HttpClient.create", "HttpClientInterface", "HttpClient.createForBaseUri"],
        usual: &["client", "httpClient"],
        methods: &[at("request", 0, 1)],
        bases: &["base_uri"],
        ..Library::new("symfony-http-client")
    },
    Library {
        hints: &["Http::"],
        functions: &[
            call("Http.get", "GET"),
            call("Http.post", "POST"),
            call("Http.put", "PUT"),
            call("Http.patch", "PATCH"),
            call("Http.delete", "DELETE"),
            call("Http.head", "HEAD"),
        ],
        types: &[
            "Http.withToken",
            "Http.withHeaders",
            "Http.withBasicAuth",
            "Http.asForm",
            "Http.timeout",
            "Http.acceptJson",
            "Http.baseUrl",
            "Http.retry",
            "Http.withOptions",
            "Http.asJson",
        ],
        methods: GUZZLE,
        bases: &["baseUrl"],
        ..Library::new("laravel-http")
    },
    Library {
        hints: &["wp_remote", "wp_safe_remote", "download_url"],
        functions: &[
            call("wp_remote_get", "GET"),
            call("wp_remote_post", "POST"),
            call("wp_remote_head", "HEAD"),
            optional("wp_remote_request", "GET"),
            call("wp_safe_remote_get", "GET"),
            call("wp_safe_remote_post", "POST"),
            optional("wp_safe_remote_request", "GET"),
            call("download_url", "GET"),
        ],
        ..Library::new("wordpress-http")
    },
    Library {
        hints: &["Requests"],
        functions: &[
            call("Requests.get", "GET"),
            call("Requests.post", "POST"),
            call("Requests.put", "PUT"),
            call("Requests.delete", "DELETE"),
        ],
        ..Library::new("requests-php")
    },
    Library { hints: &["SoapClient"], functions: &[call("SoapClient", "POST")], ..Library::new("soap") },
    Library {
        hints: &["createRequest"],
        types: &["RequestFactoryInterface", "Psr17FactoryDiscovery.findRequestFactory"],
        usual: &["requestFactory", "messageFactory", "factory", "httpRequestFactory"],
        methods: &[at("createRequest", 0, 1)],
        bases: &[],
        ..Library::new("psr-18")
    },
    Library {
        kind: CallKind::WebSocket,
        hints: &["WebSocket", "Ratchet"],
        functions: &[connect("WebSocket.Client", 0), connect("connect", 0)],
        ..Library::new("websocket")
    },
    Library {
        hints: &["Unirest"],
        functions: &[
            call("Unirest.get", "GET"),
            call("Unirest.post", "POST"),
            call("Unirest.Request.get", "GET"),
            chained("Unirest.Request", "GET"),
        ],
        ..Library::new("unirest")
    },
];
