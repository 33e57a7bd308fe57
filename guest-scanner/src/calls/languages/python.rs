//! Python's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, VERBS, at, call, connect, optional};

const REQUEST: Call = at("request", 0, 1);

const SESSION: &[Call] = &[
    call("get", "GET"),
    call("post", "POST"),
    call("put", "PUT"),
    call("patch", "PATCH"),
    call("delete", "DELETE"),
    call("head", "HEAD"),
    call("options", "OPTIONS"),
    REQUEST,
    at("stream", 0, 1),
    at("build_request", 0, 1),
    connect("ws_connect", 0),
];

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &[
            "import requests",
            ", requests",
            "from requests",
            "requests.",
            "requests_session",
            "CachedSession",
            "FuturesSession",
            "OAuth1Session",
            "OAuth2Session",
            "cloudscraper",
            "CacheControl",
        ],
        functions: &[
            call("requests.get", "GET"),
            call("requests.post", "POST"),
            call("requests.put", "PUT"),
            call("requests.patch", "PATCH"),
            call("requests.delete", "DELETE"),
            call("requests.head", "HEAD"),
            call("requests.options", "OPTIONS"),
            at("requests.request", 0, 1),
            at("requests.Request", 0, 1),
        ],
        types: &[
            "requests.Session",
            "requests.session",
            "requests.sessions.Session",
            "OAuth2Session",
            "OAuth1Session",
            "CacheControl",
            "requests_cache.CachedSession",
            "cloudscraper.create_scraper",
            "FuturesSession",
            "CachedSession",
        ],
        usual: &["session", "_session", "sess", "http_session", "requests_session"],
        methods: SESSION,
        ..Library::new("requests")
    },
    Library {
        hints: &["httpx"],
        functions: &[
            call("httpx.get", "GET"),
            call("httpx.post", "POST"),
            call("httpx.put", "PUT"),
            call("httpx.patch", "PATCH"),
            call("httpx.delete", "DELETE"),
            call("httpx.head", "HEAD"),
            call("httpx.options", "OPTIONS"),
            at("httpx.request", 0, 1),
            at("httpx.stream", 0, 1),
            at("httpx.Request", 0, 1),
        ],
        types: &["httpx.Client", "httpx.AsyncClient"],
        usual: &["client", "_client", "http_client", "async_client"],
        methods: SESSION,
        ..Library::new("httpx")
    },
    Library {
        hints: &["aiohttp", "ClientSession"],
        functions: &[at("aiohttp.request", 0, 1)],
        types: &["aiohttp.ClientSession", "ClientSession"],
        usual: &["session", "_session", "client_session", "websession", "_websession"],
        methods: SESSION,
        ..Library::new("aiohttp")
    },
    Library {
        hints: &["urlopen", "urlretrieve", "urllib.request", "urllib2", "urllib import", "build_opener"],
        functions: &[
            optional("urllib.request.urlopen", "GET"),
            optional("urllib2.urlopen", "GET"),
            optional("urlopen", "GET"),
            optional("urllib.request.Request", "GET"),
            optional("urllib2.Request", "GET"),
            call("urllib.request.urlretrieve", "GET"),
            call("urllib.urlretrieve", "GET"),
            call("urlretrieve", "GET"),
        ],
        types: &["urllib.request.build_opener", "build_opener"],
        usual: &["opener"],
        methods: &[optional("open", "GET")],
        ..Library::new("urllib")
    },
    Library {
        hints: &["urllib3"],
        functions: &[at("urllib3.request", 0, 1)],
        types: &[
            "urllib3.PoolManager",
            "PoolManager",
            "urllib3.ProxyManager",
            "urllib3.HTTPSConnectionPool",
            "HTTPSConnectionPool",
        ],
        usual: &["pool_manager", "pool", "http"],
        methods: &[REQUEST, at("urlopen", 0, 1)],
        ..Library::new("urllib3")
    },
    Library {
        hints: &["http.client", "httplib", "http_client"],
        types: &[
            "http.client.HTTPSConnection",
            "http.client.HTTPConnection",
            "HTTPSConnection",
            "HTTPConnection",
            "httplib.HTTPSConnection",
            "httplib.HTTPConnection",
            "client.HTTPSConnection",
        ],
        usual: &["conn", "connection"],
        methods: &[REQUEST, at("putrequest", 0, 1)],
        bases: &["host"],
        ..Library::new("http.client")
    },
    Library {
        hints: &["httplib2"],
        types: &["httplib2.Http"],
        methods: &[Call { callee: "request", method: Method::Option("GET"), url: At::Argument(0) }],
        ..Library::new("httplib2")
    },
    Library {
        hints: &["tornado"],
        functions: &[
            optional("HTTPRequest", "GET"),
            optional("tornado.httpclient.HTTPRequest", "GET"),
            optional("httpclient.HTTPRequest", "GET"),
        ],
        types: &["AsyncHTTPClient", "HTTPClient", "httpclient.AsyncHTTPClient"],
        usual: &["http_client"],
        methods: &[optional("fetch", "GET")],
        ..Library::new("tornado")
    },
    Library { hints: &["pycurl"], functions: &[], ..Library::new("pycurl") },
    Library {
        kind: CallKind::WebSocket,
        hints: &["websockets", "websocket"],
        functions: &[
            connect("websockets.connect", 0),
            connect("websockets.client.connect", 0),
            connect("websocket.create_connection", 0),
            connect("create_connection", 0),
            connect("websocket.WebSocketApp", 0),
            connect("WebSocketApp", 0),
            connect("websocket_connect", 0),
            connect("tornado.websocket.websocket_connect", 0),
            connect("websockets.sync.client.connect", 0),
            connect("websockets.asyncio.client.connect", 0),
        ],
        types: &["websocket.WebSocket"],
        methods: &[connect("connect", 0)],
        ..Library::new("websockets")
    },
    Library {
        kind: CallKind::GraphQl,
        hints: &["gql"],
        functions: &[
            Call { callee: "RequestsHTTPTransport", method: Method::Is("POST"), url: At::Argument(0) },
            Call { callee: "AIOHTTPTransport", method: Method::Is("POST"), url: At::Argument(0) },
            Call { callee: "HTTPXTransport", method: Method::Is("POST"), url: At::Argument(0) },
            Call { callee: "HTTPXAsyncTransport", method: Method::Is("POST"), url: At::Argument(0) },
            connect("WebsocketsTransport", 0),
            connect("gql.transport.aiohttp.AIOHTTPTransport", 0),
        ],
        ..Library::new("gql")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["grpc"],
        functions: &[
            connect("grpc.insecure_channel", 0),
            connect("grpc.secure_channel", 0),
            connect("grpc.aio.insecure_channel", 0),
            connect("grpc.aio.secure_channel", 0),
            connect("aio.insecure_channel", 0),
            connect("aio.secure_channel", 0),
        ],
        ..Library::new("grpc")
    },
    Library {
        hints: &["treq"],
        functions: &[call("treq.get", "GET"), call("treq.post", "POST")],
        methods: VERBS,
        ..Library::new("treq")
    },
];
