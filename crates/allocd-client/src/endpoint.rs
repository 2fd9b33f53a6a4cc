//! Where a member is reached.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint as Transport, Uri};

/// How long a connection may take to be made: members are near, and another one is asked next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often an open connection is asked whether it lives, so that a host that lost its power is noticed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// How long that answer may take.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(3);
/// Most bytes of headers and trailers that a member may send: well above what it does.
const HEADER_BYTES_MAX: u32 = 64 * 1024;

/// The address of a member's API, such as `127.0.0.1:7421` or `http://[fd00::1]:7421`.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Uri);

/// The text names no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no endpoint: a host and a port, such as 127.0.0.1:7421")]
pub struct EndpointError {
    /// What was given.
    pub text: String,
}

impl Endpoint {
    /// A channel that connects at its first use, and again whenever it has to.
    pub(crate) fn channel(&self) -> Channel {
        Transport::from(self.0.clone())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .connect_lazy()
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let error = || EndpointError { text: text.chars().take(128).collect() };
        let rest = text.strip_prefix("http://").unwrap_or(text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let uri: Uri = format!("http://{rest}/").parse().map_err(|_| error())?;
        let has_port = uri.port_u16().is_some_and(|port| port != 0);
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if uri.path() != "/" || uri.query().is_some() || rest.contains(['@', '/']) || !has_port || !has_host {
            return Err(error());
        }
        Ok(Self(uri))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.authority().map_or("", |authority| authority.as_str()))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_host_and_a_port() {
        for (text, shown) in [
            ("127.0.0.1:7421", "127.0.0.1:7421"),
            ("http://h1.example:7421/", "h1.example:7421"),
            ("[fd00::1]:7421", "[fd00::1]:7421"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "h1",
            "h1:",
            ":7421",
            "h1:0",
            "h1:99999",
            "https://h1:7421",
            "h1:7421/x",
            "u@h1:7421",
            "h 1:7421",
        ] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }
}
