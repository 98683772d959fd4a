//! The two requests that the server itself needs: is it ready, and forget everything.

use crate::Failure;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Sends a request without a body; whether it was answered with 200.
pub(crate) fn ask(server: SocketAddr, method: &str, path: &str) -> Result<bool, Failure> {
    let limit = Some(Duration::from_secs(10));
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(limit)?;
    stream.set_write_timeout(limit)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(answer.ends_with(b" 200"))
}
