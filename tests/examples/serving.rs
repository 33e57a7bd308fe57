//! How the service holds up: `serving polling [SECONDS]`, `serving repositories [COUNT]`, `serving jobs [COUNT]`,
//! `serving strangers [COUNT]`.
//!
//! - polling: every core is busy with scans that never end, and fifty clients ask ten times a second each for a job and
//!   for the service's health.
//! - repositories: one job of many repositories, of which every tenth is there; a client reads the whole document.
//! - jobs: many jobs of one small repository; a client lists them.
//! - strangers: a tenant asks for another's job and for one that never was, in turns: both take the same time.

#![expect(clippy::disallowed_methods, reason = "a benchmark touches files on its own")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use e2e::forge::{Forge, ForgeKind};
use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::json;

const CLIENTS: usize = 50;

/// Between two requests of one client.
const PAUSE: Duration = Duration::from_millis(100);

/// So that no quota is what is measured.
const QUOTAS: &str = "[service.quotas]\nrequests_a_second = 1000000\nrequests_burst = 1000000\njobs = 100000\n";

fn main() {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let number = args.next().and_then(|number| number.parse::<u32>().ok());
    match what.as_str() {
        "polling" => polling(Duration::from_secs(number.unwrap_or(600).into())),
        "repositories" => repositories(number.unwrap_or(10_000) as usize),
        "jobs" => jobs(number.unwrap_or(1_000) as usize),
        "strangers" => strangers(number.unwrap_or(20_000) as usize),
        _ => panic!("serving polling|repositories|jobs|strangers [NUMBER]"),
    }
}

fn polling(time: Duration) {
    let repo = Repo::attack("spin");
    let root = repo.path().display().to_string();
    let service = Service::new().hostile().config(QUOTAS).arg("--local-root").arg(root).start();
    let jobs: Vec<_> = (0..400).map(|_| service.scan(None, &json!({ "path": "." }))).collect();
    assert!(soon(Duration::from_secs(60), || !service.workers().is_empty()));
    let began = Instant::now();
    let (times, memory) = (Mutex::new([Vec::new(), Vec::new()]), Mutex::new(vec![resident(&service)]));
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (service, times, id) = (&service, &times, &jobs[number % 10]);
            scope.spawn(move || {
                let mut client = Client::new(service.address(), None);
                let paths = [format!("/scan/{id}"), "/healthz".to_owned()];
                std::thread::sleep(PAUSE * u32::try_from(number).unwrap() / 50);
                while began.elapsed() < time {
                    for (kind, path) in paths.iter().enumerate() {
                        let (took, status, _) = client.get(path);
                        assert_eq!(status, 200, "{path}");
                        times.lock().unwrap()[kind].push(took);
                    }
                    std::thread::sleep(PAUSE);
                }
            });
        }
        while began.elapsed() < time {
            std::thread::sleep(time / 10);
            memory.lock().unwrap().push(resident(&service));
        }
    });
    println!("{CLIENTS} clients, {} s, {} workers busy", time.as_secs(), service.workers().len());
    let mut times = times.into_inner().unwrap();
    for (times, path) in times.iter_mut().zip(["/scan/{id}", "/healthz"]) {
        println!("{path:<12} {}", distribution(times));
    }
    let memory: Vec<_> = memory.into_inner().unwrap().iter().map(|kib| format!("{:.1}", kib / 1024.0)).collect();
    println!("memory of the service, MiB, from the beginning to the end: {}", memory.join(" "));
}

fn repositories(count: usize) {
    let forge = Forge::start().expect("git with its http-backend");
    let text = format!("{QUOTAS}{}", forge.entry(ForgeKind::Git));
    let service = Service::new().config(&text).start();
    forge.repository("acme/many", |repo| repo.package("many"));
    let is_there = |number: &usize| number.is_multiple_of(10);
    for number in (0..count).filter(is_there) {
        forge.same_as(&format!("acme/many-{number:05}"), "acme/many");
    }
    let urls: Vec<_> = (0..count).map(|number| forge.url(&format!("acme/many-{number:05}"))).collect();
    let began = Instant::now();
    let id = service.scan(None, &json!({ "repositories": urls }));
    println!("POST answered in {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    println!("{:>8} {:>12} {:>12} {:>10} {:>10}", "ended", "document ms", "page ms", "KiB", "MiB");
    let mut client = Client::new(service.address(), None);
    let path = format!("/scan/{id}");
    let mut next = 0;
    loop {
        let (_, _, body) = client.get(&format!("{path}?wait=1"));
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let of = |field: &str| document["summary"][field].as_u64().unwrap();
        let (ended, total) = (of("completed") + of("failed"), of("total_repositories"));
        let is_over = document["completed_at"].is_string();
        if ended >= next || is_over {
            let mut documents: Vec<_> = (0..50).map(|_| client.get(&path)).collect();
            let mut pages: Vec<_> = (0..50).map(|_| client.get(&format!("{path}/repositories")).0).collect();
            let mut times: Vec<_> = documents.iter().map(|(took, ..)| *took).collect();
            let bytes = documents.pop().unwrap().2.len();
            let (document, page) = (percentile(&mut times, 0.99), percentile(&mut pages, 0.99));
            let mib = resident(&service) / 1024.0;
            println!("{ended:>8} {document:>12.2} {page:>12.2} {:>10} {mib:>10.1}", bytes / 1024);
            next = ended + (total / 10).max(1);
        }
        if is_over {
            let seconds = began.elapsed().as_secs_f64();
            println!("{total} repositories in {seconds:.0} s, {:.0} a second", total as f64 / seconds);
            return;
        }
    }
}

fn jobs(count: usize) {
    let repo = Repo::with_package("left-pad");
    let service = Service::new().config(QUOTAS).arg("--local-root").arg(repo.path().display().to_string()).start();
    println!("{:>8} {:>10} {:>10} {:>10} {:>10}", "jobs", "POST ms", "list ms", "last ms", "MiB");
    let mut client = Client::new(service.address(), None);
    let (mut taken, mut posts) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let began = Instant::now();
        taken.push(service.scan(None, &json!({ "path": "." })));
        posts.push(began.elapsed());
        if number % (count / 10).max(1) == 0 {
            let mut lists: Vec<_> = (0..50).map(|_| client.get("/scan?limit=100").0).collect();
            let mut shown: Vec<_> = (0..50).map(|_| client.get(&format!("/scan/{}", taken[0])).0).collect();
            let mib = resident(&service) / 1024.0;
            let (post, list) = (percentile(&mut posts, 0.99), percentile(&mut lists, 0.99));
            println!("{number:>8} {post:>10.2} {list:>10.2} {:>10.2} {mib:>10.1}", percentile(&mut shown, 0.99));
            posts.clear();
        }
    }
    let began = Instant::now();
    for id in &taken {
        assert_eq!(service.ended(None, id)["status"], "completed");
    }
    println!("all had ended {:.1} s after the last was taken", began.elapsed().as_secs_f64());
}

fn strangers(count: usize) {
    let repo = Repo::with_package("left-pad");
    let service = Service::new().config(QUOTAS).arg("--local-root").arg(repo.path().display().to_string());
    let (mine, theirs) = (service.token("acme", "scan,read"), service.token("other", "read"));
    let service = service.start();
    let id = service.scan(Some(&mine), &json!({ "path": "." }));
    service.ended(Some(&mine), &id);
    let mut client = Client::new(service.address(), Some(&theirs));
    let paths = [format!("/scan/{id}"), "/scan/6a0b3a51-6a2e-4f0c-9d34-0f3c5d0f7b11".to_owned()];
    let mut times = [Vec::new(), Vec::new()];
    let mut bodies = [Vec::new(), Vec::new()];
    for number in 0..2 * count {
        // Now the one first, now the other.
        let kind = (number / 2 + number) % 2;
        let (took, status, body) = client.get(&paths[kind]);
        assert_eq!(status, 404);
        times[kind].push(took);
        bodies[kind] = body;
    }
    assert_eq!(bodies[0], bodies[1]);
    for (times, what) in times.iter_mut().zip(["another's", "unknown"]) {
        let mean = times.iter().map(Duration::as_secs_f64).sum::<f64>() / times.len() as f64;
        println!("{what:<10} mean {:.4} ms, {}", mean * 1e3, distribution(times));
    }
}

fn distribution(times: &mut [Duration]) -> String {
    let parts = [0.5, 0.99, 0.999, 1.0].map(|part| percentile(times, part));
    let [half, most, nearly, all] = parts;
    format!("{} requests, p50 {half:.2} ms, p99 {most:.2} ms, p99.9 {nearly:.2} ms, max {all:.2} ms", times.len())
}

/// In milliseconds.
fn percentile(times: &mut [Duration], part: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * part).ceil() as usize).clamp(1, times.len()) - 1;
    times[at].as_secs_f64() * 1e3
}

/// In KiB.
fn resident(service: &Service) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// A connection that stays.
struct Client {
    stream: BufReader<TcpStream>,
    headers: String,
}

impl Client {
    fn new(address: &str, token: Option<&str>) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        Self { stream: BufReader::new(stream), headers: format!("host: {address}\r\n{token}") }
    }

    /// How long it took, the code, and the body.
    fn get(&mut self, path: &str) -> (Duration, u16, Vec<u8>) {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers);
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(code) = line.strip_prefix("HTTP/1.1 ") {
                status = code[..3].parse().unwrap();
            }
            let header = line.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (began.elapsed(), status, body)
    }
}
