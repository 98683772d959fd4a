//! The AWS API server that the tests run against: installed into `target/`, started on a free
//! loopback port, stopped again.

use crate::{Failure, house, http};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Without `cbor2` the server takes alarms and stores nothing. boto3 reads back.
const PACKAGES: [&str; 4] =
    ["ministack==1.5.33", "microburst==0.10.0", "cbor2==5.9.0", "boto3==1.43.106"];

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; it is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// What injects faults before it; it is stopped first.
    microburst: Option<Microburst>,
}

/// A running microburst; it is stopped when this is dropped.
#[derive(Debug)]
struct Microburst {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Installs the server where it is missing, and starts one.
    pub(crate) fn start() -> Result<Self, Failure> {
        install()?;
        // Another program may take the port between its being found free and its being used.
        let mut last = None;
        for _ in 0..3 {
            match Self::start_once() {
                Ok(server) => return Ok(server),
                Err(failure) => last = Some(failure),
            }
        }
        Err(last.unwrap_or_else(|| "no server".into()))
    }

    /// The same, with microburst before it.
    pub(crate) fn start_with_faults() -> Result<Self, Failure> {
        let mut server = Self::start()?;
        let mut last = None;
        for _ in 0..3 {
            match Microburst::start_once(&server.url()) {
                Ok(microburst) => {
                    server.microburst = Some(microburst);
                    return Ok(server);
                }
                Err(failure) => last = Some(failure),
            }
        }
        Err(last.unwrap_or_else(|| "no microburst".into()))
    }

    /// Where microburst listens, if it was started.
    pub(crate) fn microburst(&self) -> Option<SocketAddr> {
        self.microburst.as_ref().map(|microburst| microburst.address)
    }

    fn start_once() -> Result<Self, Failure> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = home().join("server.log");
        let out = File::create(&log)?;
        let mut command = Command::new(python());
        house::seal(&mut command, &format!("http://{address}"));
        let child = command
            .arg(house::root().join("tests/e2e/serve.py"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", address.port().to_string())
            .env("MINISTACK_REGION", "ap-northeast-1")
            .env("LOG_LEVEL", "WARNING")
            // Listeners and containers that nothing here needs.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env("DOCKER_HOST", "unix:///dev/null/none")
            .env("TMPDIR", home())
            .env_remove("PERSIST_STATE")
            // It ends when this closes, also when this program is killed.
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()?;
        let mut server = Self { child, address, microburst: None };
        wait(&mut server.child, address, "/_ministack/ready", &log)?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes it forget everything.
    pub(crate) fn reset(&self) -> Result<(), Failure> {
        if http::ask(self.address, "POST", "/_ministack/reset")? {
            Ok(())
        } else {
            Err("the API server could not be wiped".into())
        }
    }
}

impl Microburst {
    fn start_once(upstream: &str) -> Result<Self, Failure> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = home().join("microburst.log");
        let out = File::create(&log)?;
        let mut command = Command::new(python());
        house::seal(&mut command, upstream);
        let child = command
            .arg(house::root().join("tests/e2e/inject.py"))
            .args([&address.port().to_string(), upstream])
            // It ends when this closes, also when this program is killed.
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()?;
        let mut microburst = Self { child, address };
        wait(&mut microburst.child, address, "/_microburst/health", &log)?;
        Ok(microburst)
    }
}

/// Waits until a server answers.
fn wait(child: &mut Child, address: SocketAddr, path: &str, log: &Path) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if http::ask(address, "GET", path).unwrap_or(false) {
            return Ok(());
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("the server ended ({status}): see {}", log.display()).into());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(format!("the server is not ready after {PATIENCE:?}: see {}", log.display()).into())
}

impl Drop for Microburst {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.microburst.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The Python that has the server and boto3.
pub(crate) fn python() -> PathBuf {
    home().join("venv/bin/python")
}

fn home() -> PathBuf {
    house::target().join("api-server")
}

fn install() -> Result<(), Failure> {
    let stamp = home().join("installed");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing the API server into {}", home().display());
    let venv = home().join("venv");
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    fs::create_dir_all(home())?;
    let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).status();
    if !made.is_ok_and(|status| status.success()) {
        return Err("`python3 -m venv` failed: apt-get install python3-venv".into());
    }
    let status = Command::new(python())
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES)
        .status()?;
    if !status.success() {
        return Err("pip could not install the API server".into());
    }
    fs::write(stamp, wanted)?;
    Ok(())
}
