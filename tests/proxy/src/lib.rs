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
use std::fmt;
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
    /// The server carries it out, and this is answered in place of what it says.
    Garbled(&'static str),
    /// Another server answers, which finds this word in the header `x-fault`.
    Detour(SocketAddr, &'static str),
    /// It never reaches the server, and the proxy answers with this JSON instead.
    Answered(&'static str),
}

/// Says what becomes of a call; `None` where it passes.
type Judge = Box<dyn FnMut(&Call) -> Option<Fate> + Send>;

/// Does something to a call of one operation, and to its repetitions: those that send the same.
#[derive(Debug, Clone)]
pub struct Trap {
    /// The operation, such as `PutTargets`; `events:TagResource` where several services have it.
    pub operation: String,
    /// How many such calls pass before.
    pub after: usize,
    /// How often it is caught; then it passes again.
    pub times: usize,
    /// What happens to it.
    pub fate: Fate,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    delay: Duration,
    judge: Option<Judge>,
    date: Option<String>,
    stopped: bool,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
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
    pub fn set_trap(&self, mut trap: Trap) {
        let mut caught: Option<Vec<u8>> = None;
        self.judge(move |call| trap.spring(call, &mut caught));
    }

    /// Asks this of every call, in place of what was asked before.
    pub fn judge(&self, judge: impl FnMut(&Call) -> Option<Fate> + Send + 'static) {
        self.shared.lock().judge = Some(Box::new(judge));
    }

    /// Gives every answer this date, as if the server's clock were another.
    pub fn date_answers(&self, date: &str) {
        self.shared.lock().date = Some(date.to_owned());
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
        let fate = state.judge.as_mut().and_then(|judge| judge(&call));
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
    fn spring(&mut self, call: &Call, caught: &mut Option<Vec<u8>>) -> Option<Fate> {
        let of_any = self.operation == call.operation;
        if !of_any && self.operation != format!("{}:{}", call.service, call.operation) {
            return None;
        }
        match caught {
            None if self.after > 0 => {
                self.after -= 1;
                return None;
            }
            Some(body) if *body != call.body => return None,
            _ => {}
        }
        self.times = self.times.checked_sub(1)?;
        *caught = Some(call.body.clone());
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
            Some(Fate::Garbled(said)) => {
                request.write(&mut &server)?;
                Message::read(&mut answers)?;
                pass_on(Message::success("text/html", said), client, shared)?;
                continue;
            }
            Some(Fate::Detour(to, word)) => {
                let mut request = request;
                request.set_header("x-fault", word);
                let other = TcpStream::connect(to)?;
                request.write(&mut &other)?;
                let Some(answer) = Message::read(&mut BufReader::new(&other))? else {
                    return Ok(());
                };
                pass_on(answer, client, shared)?;
                continue;
            }
            Some(Fate::Answered(json)) => {
                Message::success("application/x-amz-json-1.1", json).write(&mut &*client)?;
                continue;
            }
        }
        request.write(&mut &server)?;
        let Some(answer) = Message::read(&mut answers)? else { return Ok(()) };
        pass_on(answer, client, shared)?;
    }
    Ok(())
}

fn pass_on(mut answer: Message, mut client: &TcpStream, shared: &Shared) -> io::Result<()> {
    if let Some(date) = &shared.lock().date {
        answer.set_header("date", date);
    }
    answer.write(&mut client)?;
    client.flush()
}
