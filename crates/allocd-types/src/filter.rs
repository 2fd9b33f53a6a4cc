//! Which leases of a list: equalities joined with AND, a subset of AIP-160.
//!
//! `host="h1.example" AND kind="epair" AND labels.owner="web"`. A value stands in quotes, with `\"` and `\\` inside, or bare if
//! it is one word. Anything wider (OR, NOT, comparisons) is refused with its place, not guessed at.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::kind::InterfaceKind;
use crate::lease::{Lease, LeaseState};
use crate::limits::FILTER_BYTES_MAX;
use crate::name::{HostName, InterfaceName, JailName, NetworkName};
use crate::violation::Violations;

mod token;

use token::{Token, tokens};

/// Which leases: those for which all that is said is true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeaseFilter {
    /// Those of this host.
    pub host: Option<HostName>,
    /// Those of jails of this name.
    pub jail: Option<JailName>,
    /// Those on this network.
    pub network: Option<NetworkName>,
    /// Those of this kind.
    pub kind: Option<InterfaceKind>,
    /// Those in this state.
    pub state: Option<LeaseState>,
    /// Those on this bridge.
    pub bridge: Option<InterfaceName>,
    /// Those with these labels.
    pub labels: BTreeMap<String, String>,
}

impl LeaseFilter {
    /// Reads a filter; an empty text is all leases. Everything that is wrong becomes a violation of `field`.
    pub fn parse(field: &str, text: &str, violations: &mut Violations) -> Option<Self> {
        if text.len() > FILTER_BYTES_MAX {
            violations.add(field, format!("{} bytes; {FILTER_BYTES_MAX} are allowed", text.len()));
            return None;
        }
        let tokens = violations.keep(field, tokens(text))?;
        let terms = violations.keep(field, terms(&tokens))?;
        let mut filter = Self::default();
        let before = violations.len();
        for (name, value) in terms {
            filter.set(field, name, value, violations);
        }
        (violations.len() == before).then_some(filter)
    }

    /// True if the lease is one of those.
    #[must_use]
    pub fn matches(&self, lease: &Lease) -> bool {
        fn fits<T: PartialEq>(wanted: Option<&T>, has: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == has)
        }
        fits(self.host.as_ref(), &lease.holder.host)
            && fits(self.jail.as_ref(), &lease.holder.jail)
            && fits(self.network.as_ref(), &lease.network)
            && fits(self.kind.as_ref(), &lease.kind)
            && fits(self.state.as_ref(), &lease.state)
            && fits(self.bridge.as_ref(), &lease.bridge)
            && self.labels.iter().all(|(key, value)| lease.labels.get(key) == Some(value))
    }

    /// True if all leases are meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    fn set(&mut self, field: &str, name: &str, value: &str, violations: &mut Violations) {
        match name {
            "host" => put(&mut self.host, field, name, value, violations),
            "jail" => put(&mut self.jail, field, name, value, violations),
            "network" => put(&mut self.network, field, name, value, violations),
            "kind" => put(&mut self.kind, field, name, value, violations),
            "state" => put(&mut self.state, field, name, value, violations),
            "bridge" => put(&mut self.bridge, field, name, value, violations),
            other => match other.strip_prefix("labels.").filter(|key| !key.is_empty()) {
                Some(key) if self.labels.insert(key.to_owned(), value.to_owned()).is_some() => {
                    violations.add(field, format!("{name} is said twice"));
                }
                Some(_) => {}
                None => {
                    let fields = "host, jail, network, kind, state, bridge and labels.KEY";
                    violations.add(field, format!("there is no field {other:?}; there are {fields}"));
                }
            },
        }
    }
}

fn put<T: FromStr>(slot: &mut Option<T>, field: &str, name: &str, value: &str, violations: &mut Violations)
where
    T::Err: fmt::Display,
{
    match value.parse() {
        Ok(_) if slot.is_some() => violations.add(field, format!("{name} is said twice")),
        Ok(value) => *slot = Some(value),
        Err(error) => violations.add(field, format!("{name}: {error}")),
    }
}

/// Reads `name = value` joined with AND.
fn terms(tokens: &[Token]) -> Result<Vec<(&str, &str)>, String> {
    let mut terms = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let [Token::Word(name), Token::Equals, Token::Word(value) | Token::Quoted(value), after @ ..] = rest
        else {
            let rule = "name=\"value\" was expected, joined with AND";
            return Err(format!("{rule}, at {}", token::shown(rest)));
        };
        terms.push((name.as_str(), value.as_str()));
        rest = match after {
            [] => after,
            [Token::Word(and), more @ ..] if and == "AND" && !more.is_empty() => more,
            _ => {
                return Err(format!(
                    "AND and another name=\"value\" were expected, at {}",
                    token::shown(after)
                ));
            }
        };
    }
    Ok(terms)
}

impl fmt::Display for LeaseFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixed = [
            ("host", self.host.as_ref().map(ToString::to_string)),
            ("jail", self.jail.as_ref().map(ToString::to_string)),
            ("network", self.network.as_ref().map(ToString::to_string)),
            ("kind", self.kind.as_ref().map(ToString::to_string)),
            ("state", self.state.as_ref().map(ToString::to_string)),
            ("bridge", self.bridge.as_ref().map(ToString::to_string)),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let labels = self.labels.iter().map(|(key, value)| (format!("labels.{key}"), value.clone()));
        for (at, (name, value)) in fixed.chain(labels).enumerate() {
            let and = if at == 0 { "" } else { " AND " };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{and}{name}=\"{value}\"")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LeaseFilter, String> {
        let mut violations = Violations::default();
        let filter = LeaseFilter::parse("filter", text, &mut violations);
        violations.finish(filter).map_err(|violations| violations.to_string())
    }

    #[test]
    fn a_filter_reads_back_as_it_is_written() {
        let text = r#"host="h1.example" AND jail="web01" AND network="lan" AND kind="epair" AND state="granted" AND bridge="bridge300" AND labels.note="say \"hi\" \\ now""#;
        let filter = parse(text).unwrap();
        assert_eq!(filter.to_string(), text);
        assert_eq!(filter.labels.get("note").unwrap(), r#"say "hi" \ now"#);
        assert_eq!(parse("  kind = tap "), parse("kind=\"tap\""));
        assert!(parse("").unwrap().is_all() && parse("  ").unwrap().is_all());
    }

    #[test]
    fn everything_wrong_with_values_is_said_at_once() {
        let error = parse(r#"kind="bond" AND size="3" AND jail="12" AND host="a" AND host="b""#).unwrap_err();
        for said in ["no kind of interface", "no field \"size\"", "jail:", "host is said twice"] {
            assert!(error.contains(said), "{said} is not in {error}");
        }
    }

    #[test]
    fn anything_wider_than_equalities_is_refused() {
        for bad in [
            "host",
            "host=",
            "host=\"a",
            "host=\"a\\n\"",
            "host=a OR host=b",
            "host=a AND",
            "AND host=a",
            "host!=a",
            "host>a",
            "host=a host=b",
            "(host=a)",
            "host=a AND AND host=b",
            "=",
            "labels.=x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&format!("labels.note={}", "x".repeat(FILTER_BYTES_MAX))).is_err());
    }
}
