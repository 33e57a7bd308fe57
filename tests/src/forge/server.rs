//! A server on loopback: a thread that accepts, a thread a connection, and all of them end with it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::{self, Request, Response};

/// Connections at the same time; one more is closed at once.
const CONNECTIONS_MAX: usize = 256;

/// Answers a request; `None` closes the connection without an answer.
pub(crate) type Service = Arc<dyn Fn(&Request, &Stop) -> Option<Response> + Send + Sync>;

/// A server. Dropped, it ends every connection and waits for its threads.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Stop,
    accepted: Arc<AtomicU64>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts with TLS, or without.
    pub(crate) fn start(listener: TcpListener, tls: Option<Arc<ServerConfig>>, service: Service) -> Self {
        let address = listener.local_addr().unwrap();
        let stop = Stop::default();
        let accepted = Arc::default();
        let accept = Accept { listener, tls, service, stop: stop.clone(), accepted: Arc::clone(&accepted) };
        let accepting = Some(thread::spawn(move || accept.run()));
        Self { address, stop, accepted, accepting }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were made. Connections are accepted in the order in which they were made, so
    /// one more of our own shows that no earlier one is still waiting.
    pub(crate) fn connections(&self) -> u64 {
        let mut fence = TcpStream::connect(self.address).unwrap();
        fence.write_all(FENCE).unwrap();
        let _closed = fence.read(&mut [0]);
        self.accepted.load(Ordering::SeqCst)
    }
}

/// What our own connections begin with; they are not counted.
const FENCE: &[u8] = b"\0fence\0\r\n";

/// A free port of 127.0.0.1.
pub(crate) fn listen() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.set();
        // Wakes the thread that accepts.
        let _woken = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _panicked = accepting.join();
        }
    }
}

/// Says that a server ends.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Waits so long; whether the server ended meanwhile.
    pub(crate) fn within(&self, time: Duration) -> bool {
        let (stopped, changed) = &*self.0;
        *changed.wait_timeout_while(stopped.lock().unwrap(), time, |stopped| !*stopped).unwrap().0
    }

    fn set(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

struct Accept {
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    service: Service,
    stop: Stop,
    accepted: Arc<AtomicU64>,
}

impl Accept {
    fn run(self) {
        let mut running: Vec<(TcpStream, JoinHandle<()>)> = Vec::new();
        for stream in self.listener.incoming().map_while(Result::ok) {
            if self.stop.within(Duration::ZERO) {
                break;
            }
            running.retain(|(_, thread)| !thread.is_finished());
            if running.len() < CONNECTIONS_MAX
                && let Ok(handle) = stream.try_clone()
            {
                running.push((handle, self.serve(stream)));
            }
        }
        for (stream, _) in &running {
            let _gone = stream.shutdown(Shutdown::Both);
        }
        for (_, thread) in running {
            let _panicked = thread.join();
        }
    }

    fn serve(&self, stream: TcpStream) -> JoinHandle<()> {
        self.accepted.fetch_add(1, Ordering::SeqCst);
        let (tls, service, stop) = (self.tls.clone(), Arc::clone(&self.service), self.stop.clone());
        let accepted = Arc::clone(&self.accepted);
        thread::spawn(move || {
            let end = stream.try_clone();
            let mut first = [0; FENCE.len()];
            if stream.peek(&mut first).is_ok_and(|read| first[..read] == *FENCE) {
                accepted.fetch_sub(1, Ordering::SeqCst);
            } else {
                // Clients come and go as they like; what they did is seen in the requests.
                let _gone = converse(stream, tls, &service, &stop);
            }
            // The accepting thread has a handle too, so dropping ours does not end the connection.
            let _gone = end.and_then(|stream| stream.shutdown(Shutdown::Both));
        })
    }
}

fn converse(stream: TcpStream, tls: Option<Arc<ServerConfig>>, service: &Service, stop: &Stop) -> io::Result<()> {
    let Some(config) = tls else { return talk(&mut Duplex(BufReader::new(stream)), service, stop) };
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    talk_tls(StreamOwned::new(connection, stream), service, stop)
}

fn talk_tls(stream: StreamOwned<ServerConnection, TcpStream>, service: &Service, stop: &Stop) -> io::Result<()> {
    let mut stream = Duplex(BufReader::new(stream));
    talk(&mut stream, service, stop)?;
    let stream = stream.0.get_mut();
    stream.conn.send_close_notify();
    stream.flush()
}

fn talk(stream: &mut (impl BufRead + Write), service: &Service, stop: &Stop) -> io::Result<()> {
    while let Some(request) = http::read_request(stream)? {
        let Some(response) = service(&request, stop) else { break };
        response.write(stream, &request.seen, stop)?;
        let close = request.seen.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if close || stop.within(Duration::ZERO) {
            break;
        }
    }
    Ok(())
}

/// Reads with a buffer and writes without.
struct Duplex<S>(BufReader<S>);

impl<S: Read> Read for Duplex<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl<S: Read> BufRead for Duplex<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<S: Write> Write for Duplex<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }
}
