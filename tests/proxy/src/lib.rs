//! A loopback proxy between an AWS client and an API server, for tests and benchmarks.
//!
//! It notes every call (which service, which operation, which region), can add a delay to each,
//! and can do to a call what networks do: hold it for ever, or carry it out and lose the answer.
//! Plain HTTP/1.1, one thread and one upstream connection for each connection of the client, so
//! that the client's own concurrency is what is measured.

mod call;
mod http;

pub use call::Call;

use http::Message;
use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A proxy on a free loopback port; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<thread::JoinHandle<()>>,
}

/// What happens to a call instead of being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It never reaches the server, and the client waits.
    Held,
    /// The server carries it out, and the connection breaks before the answer.
    AnswerLost,
    /// It never reaches the server, and the proxy answers with this JSON instead.
    Answered(&'static str),
}

/// Does something to calls of one operation.
#[derive(Debug, Clone)]
pub struct Trap {
    /// The operation, such as `PutTargets`.
    pub operation: String,
    /// How many such calls pass before.
    pub after: usize,
    /// How many are caught; the rest passes again.
    pub times: usize,
    /// What happens to those.
    pub fate: Fate,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    delay: Duration,
    trap: Option<Trap>,
    stopped: bool,
}

impl Proxy {
    /// Starts a proxy before the server at `upstream`.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared =
            Arc::new(Shared { upstream, state: Mutex::default(), changed: Condvar::new() });
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, &shared)
        });
        Ok(Self { address, shared, listening: Some(listening) })
    }

    /// Where clients reach it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds this delay to every call from now on.
    pub fn delay(&self, delay: Duration) {
        self.shared.lock().delay = delay;
    }

    /// Sets a trap, in place of the one before.
    pub fn set_trap(&self, trap: Trap) {
        self.shared.lock().trap = Some(trap);
    }

    /// All calls since the start or since [`Proxy::take_calls`], held ones included.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// All calls so far, which are forgotten.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.shared.lock().calls)
    }

    /// Waits until `reached` says so of the calls so far, at most `limit`; whether it did.
    pub fn wait_for(&self, limit: Duration, reached: impl Fn(&[Call]) -> bool) -> bool {
        let state = self.shared.lock();
        let waiting = self.shared.changed.wait_timeout_while(state, limit, |s| !reached(&s.calls));
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        reached(&state.calls)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
        // Wakes the listener up, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call, waits as long as it is delayed, and says what becomes of it.
    fn admit(&self, call: Call) -> Option<Fate> {
        let mut state = self.lock();
        let fate = state.trap.as_mut().and_then(|trap| trap.spring(&call));
        let delay = state.delay;
        state.calls.push(call);
        drop(state);
        self.changed.notify_all();
        if !delay.is_zero() {
            thread::sleep(delay);
        }
        fate
    }

    fn wait_for_the_end(&self) {
        let waiting = self.changed.wait_while(self.lock(), |state| !state.stopped);
        drop(waiting);
    }
}

impl Trap {
    fn spring(&mut self, call: &Call) -> Option<Fate> {
        if call.operation != self.operation {
            return None;
        }
        if self.after > 0 {
            self.after -= 1;
            return None;
        }
        self.times = self.times.checked_sub(1)?;
        Some(self.fate)
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.lock().stopped {
            return;
        }
        let Ok(client) = client else { continue };
        let shared = Arc::clone(shared);
        // A broken connection is the client's business: it will say so itself.
        thread::spawn(move || drop(serve(&client, &shared)));
    }
}

fn serve(client: &TcpStream, shared: &Shared) -> io::Result<()> {
    let server = TcpStream::connect(shared.upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(&server));
    while let Some(request) = Message::read(&mut requests)? {
        match shared.admit(Call::of(&request)) {
            None => {}
            Some(Fate::Held) => {
                shared.wait_for_the_end();
                return Ok(());
            }
            Some(Fate::AnswerLost) => {
                request.write(&mut &server)?;
                Message::read(&mut answers)?;
                return Ok(());
            }
            Some(Fate::Answered(json)) => {
                Message::of_json(json).write(&mut &*client)?;
                continue;
            }
        }
        request.write(&mut &server)?;
        let Some(answer) = Message::read(&mut answers)? else { return Ok(()) };
        answer.write(&mut &*client)?;
        (&*client).flush()?;
    }
    Ok(())
}
