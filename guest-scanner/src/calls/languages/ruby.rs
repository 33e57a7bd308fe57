//! Ruby's client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, VERBS, at, call, chained, connect};

const fn net(callee: &'static str, method: &'static str) -> Call {
    Call { callee, method: Method::Is(method), url: At::Argument(0) }
}

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["Net::HTTP"],
        functions: &[
            net("Net.HTTP.get", "GET"),
            net("Net.HTTP.get_response", "GET"),
            net("Net.HTTP.get_print", "GET"),
            net("Net.HTTP.post", "POST"),
            net("Net.HTTP.post_form", "POST"),
            net("Net.HTTP.Get.new", "GET"),
            net("Net.HTTP.Post.new", "POST"),
            net("Net.HTTP.Put.new", "PUT"),
            net("Net.HTTP.Patch.new", "PATCH"),
            net("Net.HTTP.Delete.new", "DELETE"),
            net("Net.HTTP.Head.new", "HEAD"),
            net("HTTP.Get.new", "GET"),
            net("HTTP.Post.new", "POST"),
        ],
        types: &["Net.HTTP.new", "Net.HTTP.start"],
        usual: &["http"],
        methods: VERBS,
        bases: &[],
        ..Library::new("net/http")
    },
    Library {
        hints: &["HTTParty"],
        functions: &[
            call("HTTParty.get", "GET"),
            call("HTTParty.post", "POST"),
            call("HTTParty.put", "PUT"),
            call("HTTParty.patch", "PATCH"),
            call("HTTParty.delete", "DELETE"),
            call("HTTParty.head", "HEAD"),
            call("class.get", "GET"),
            call("class.post", "POST"),
            call("class.put", "PUT"),
            call("class.delete", "DELETE"),
        ],
        bases: &["base_uri"],
        ..Library::new("httparty")
    },
    Library {
        hints: &["Faraday", "faraday"],
        functions: &[
            call("Faraday.get", "GET"),
            call("Faraday.post", "POST"),
            call("Faraday.put", "PUT"),
            call("Faraday.patch", "PATCH"),
            call("Faraday.delete", "DELETE"),
            call("Faraday.head", "HEAD"),
        ],
        types: &["Faraday.new", "Faraday.Connection.new"],
        usual: &["conn", "connection", "client", "faraday", "http_client"],
        methods: VERBS,
        bases: &["url"],
        ..Library::new("faraday")
    },
    Library {
        hints: &["RestClient"],
        functions: &[
            call("RestClient.get", "GET"),
            call("RestClient.post", "POST"),
            call("RestClient.put", "PUT"),
            call("RestClient.patch", "PATCH"),
            call("RestClient.delete", "DELETE"),
            call("RestClient.head", "HEAD"),
            Call { callee: "RestClient.Request.execute", method: Method::Option("GET"), url: At::Argument(9) },
            Call { callee: "RestClient.Request.new", method: Method::Option("GET"), url: At::Argument(9) },
        ],
        types: &["RestClient.Resource.new"],
        methods: &[
            Call { callee: "get", method: Method::Is("GET"), url: At::Base },
            Call { callee: "post", method: Method::Is("POST"), url: At::Base },
            Call { callee: "put", method: Method::Is("PUT"), url: At::Base },
            Call { callee: "delete", method: Method::Is("DELETE"), url: At::Base },
        ],
        bases: &[],
        ..Library::new("rest-client")
    },
    Library {
        hints: &["open-uri", "URI.open", "OpenURI"],
        functions: &[call("URI.open", "GET"), call("OpenURI.open_uri", "GET")],
        ..Library::new("open-uri")
    },
    Library {
        hints: &["HTTP."],
        functions: &[
            call("HTTP.get", "GET"),
            call("HTTP.post", "POST"),
            call("HTTP.put", "PUT"),
            call("HTTP.delete", "DELETE"),
            call("HTTP.patch", "PATCH"),
        ],
        types: &["HTTP.auth", "HTTP.headers", "HTTP.timeout", "HTTP.basic_auth", "HTTP.follow", "HTTP.persistent"],
        methods: VERBS,
        bases: &[],
        ..Library::new("http.rb")
    },
    Library {
        hints: &["Typhoeus"],
        functions: &[
            call("Typhoeus.get", "GET"),
            call("Typhoeus.post", "POST"),
            call("Typhoeus.put", "PUT"),
            call("Typhoeus.delete", "DELETE"),
            Call { callee: "Typhoeus.Request.new", method: Method::Option("GET"), url: At::Argument(0) },
        ],
        ..Library::new("typhoeus")
    },
    Library {
        hints: &["Excon"],
        functions: &[
            call("Excon.get", "GET"),
            call("Excon.post", "POST"),
            call("Excon.put", "PUT"),
            call("Excon.delete", "DELETE"),
            call("Excon.head", "HEAD"),
        ],
        types: &["Excon.new"],
        methods: &[
            Call { callee: "get", method: Method::Is("GET"), url: At::Base },
            Call { callee: "post", method: Method::Is("POST"), url: At::Base },
            Call { callee: "request", method: Method::Option("GET"), url: At::Base },
        ],
        ..Library::new("excon")
    },
    Library {
        hints: &["HTTPClient", "HTTPX"],
        functions: &[
            call("HTTPX.get", "GET"),
            call("HTTPX.post", "POST"),
            call("HTTPClient.get", "GET"),
            call("HTTPClient.post", "POST"),
        ],
        types: &["HTTPClient.new"],
        usual: &["httpclient"],
        methods: &[
            call("get", "GET"),
            call("post", "POST"),
            call("get_content", "GET"),
            call("put", "PUT"),
            call("delete", "DELETE"),
        ],
        bases: &[],
        ..Library::new("httpclient")
    },
    Library {
        hints: &["Mechanize"],
        types: &["Mechanize.new"],
        usual: &["agent", "mechanize"],
        methods: &[call("get", "GET"), call("post", "POST")],
        bases: &[],
        ..Library::new("mechanize")
    },
    Library {
        kind: CallKind::WebSocket,
        hints: &["WebSocket"],
        functions: &[
            connect("Faye.WebSocket.Client.new", 0),
            connect("WebSocket.Client.Simple.connect", 0),
            connect("WebSocket.Client.new", 0),
        ],
        ..Library::new("websocket")
    },
    Library {
        kind: CallKind::GraphQl,
        hints: &["GraphQL::Client"],
        functions: &[Call { callee: "GraphQL.Client.HTTP.new", method: Method::Is("POST"), url: At::Argument(0) }],
        ..Library::new("graphql-client")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["Stub.new"],
        functions: &[connect("Stub.new", 0)],
        ..Library::new("grpc")
    },
    Library {
        hints: &["Curl"],
        functions: &[
            call("Curl.get", "GET"),
            call("Curl.post", "POST"),
            chained("Curl.Easy.new", "GET"),
            at("Curl.http", 0, 1),
        ],
        ..Library::new("curb")
    },
];
