//! C#'s client libraries.

use fumehood_contract::calls::CallKind;

use crate::calls::library::{At, Call, Library, Method, at, call, connect, optional};

const FLURL: Call = Call { callee: "GetJsonAsync", method: Method::Is("GET"), url: At::Receiver };

const fn flurl(callee: &'static str, method: &'static str) -> Call {
    Call { callee, method: Method::Is(method), url: At::Receiver }
}

pub(super) const LIBRARIES: &[Library] = &[
    Library {
        hints: &["HttpClient", "HttpRequestMessage", "Http.Json"],
        functions: &[at("HttpRequestMessage", 0, 1)],
        types: &["HttpClient", "CreateClient", "_httpClientFactory.CreateClient"],
        usual: &["client", "_client", "httpClient", "_httpClient", "http", "_http", "HttpClient", "Http"],
        methods: &[
            call("GetAsync", "GET"),
            call("GetStringAsync", "GET"),
            call("GetByteArrayAsync", "GET"),
            call("GetStreamAsync", "GET"),
            call("GetFromJsonAsync", "GET"),
            call("PostAsync", "POST"),
            call("PostAsJsonAsync", "POST"),
            call("PutAsync", "PUT"),
            call("PutAsJsonAsync", "PUT"),
            call("PatchAsync", "PATCH"),
            call("PatchAsJsonAsync", "PATCH"),
            call("DeleteAsync", "DELETE"),
            call("DeleteFromJsonAsync", "DELETE"),
        ],
        bases: &["BaseAddress"],
        ..Library::new("HttpClient")
    },
    Library {
        hints: &["WebRequest"],
        functions: &[
            optional("WebRequest.Create", "GET"),
            optional("HttpWebRequest.Create", "GET"),
            optional("WebRequest.CreateHttp", "GET"),
            optional("WebRequest.CreateDefault", "GET"),
            optional("HttpWebRequest.CreateHttp", "GET"),
        ],
        ..Library::new("WebRequest")
    },
    Library {
        hints: &["UnityWebRequest"],
        functions: &[
            call("UnityWebRequest.Get", "GET"),
            call("UnityWebRequest.Post", "POST"),
            call("UnityWebRequest.PostWwwForm", "POST"),
            call("UnityWebRequest.Put", "PUT"),
            call("UnityWebRequest.Delete", "DELETE"),
            call("UnityWebRequest.Head", "HEAD"),
            call("UnityWebRequestTexture.GetTexture", "GET"),
            call("UnityWebRequestAssetBundle.GetAssetBundle", "GET"),
            call("UnityWebRequestMultimedia.GetAudioClip", "GET"),
            Call { callee: "UnityWebRequest", method: Method::Argument(1), url: At::Argument(0) },
        ],
        ..Library::new("UnityWebRequest")
    },
    Library {
        hints: &["WebClient"],
        types: &["WebClient"],
        usual: &["client", "webClient", "wc"],
        methods: &[
            call("DownloadString", "GET"),
            call("DownloadFile", "GET"),
            call("DownloadData", "GET"),
            call("DownloadStringTaskAsync", "GET"),
            call("DownloadStringAsync", "GET"),
            call("DownloadFileAsync", "GET"),
            call("DownloadFileTaskAsync", "GET"),
            call("DownloadDataTaskAsync", "GET"),
            call("DownloadDataAsync", "GET"),
            call("OpenRead", "GET"),
            call("UploadString", "POST"),
            call("UploadData", "POST"),
            call("UploadValues", "POST"),
            call("UploadStringTaskAsync", "POST"),
        ],
        bases: &["BaseAddress"],
        ..Library::new("WebClient")
    },
    Library {
        hints: &["RestSharp", "RestRequest"],
        functions: &[Call { callee: "RestRequest", method: Method::Option("GET"), url: At::Argument(0) }],
        types: &["RestClient"],
        methods: &[],
        bases: &["RestClient"],
        ..Library::new("RestSharp")
    },
    Library {
        hints: &["Flurl"],
        functions: &[],
        types: &["*"],
        usual: &["*"],
        methods: &[
            FLURL,
            flurl("GetStringAsync", "GET"),
            flurl("GetAsync", "GET"),
            flurl("PostJsonAsync", "POST"),
            flurl("PostAsync", "POST"),
            flurl("PutJsonAsync", "PUT"),
            flurl("PatchJsonAsync", "PATCH"),
            flurl("DeleteAsync", "DELETE"),
        ],
        bases: &[],
        ..Library::new("Flurl")
    },
    Library {
        hints: &["Refit"],
        functions: &[
            call("Get", "GET"),
            call("Post", "POST"),
            call("Put", "PUT"),
            call("Patch", "PATCH"),
            call("Delete", "DELETE"),
        ],
        ..Library::new("Refit")
    },
    Library {
        kind: CallKind::WebSocket,
        hints: &["ClientWebSocket", "WebSocket"],
        functions: &[connect("WebSocket", 0)],
        types: &["ClientWebSocket"],
        usual: &["ws", "_ws", "socket", "webSocket", "_webSocket"],
        methods: &[connect("ConnectAsync", 0)],
        bases: &[],
        ..Library::new("ClientWebSocket")
    },
    Library {
        kind: CallKind::GraphQl,
        hints: &["GraphQLHttpClient"],
        functions: &[call("GraphQLHttpClient", "POST")],
        ..Library::new("GraphQL.Client")
    },
    Library {
        kind: CallKind::Grpc,
        hints: &["Grpc"],
        functions: &[connect("GrpcChannel.ForAddress", 0), connect("Channel", 0)],
        ..Library::new("grpc")
    },
];
