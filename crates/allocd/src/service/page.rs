//! Pages of lists that are ordered by name: the token is the last name of the page before.

use allocd_types::page::{Page, PageSpec, PageToken};

/// Cuts a page out of named things, which come in the order of their names.
pub(super) fn page<T>(items: impl Iterator<Item = (String, T)>, spec: &PageSpec) -> Page<T> {
    let mut rest = items.peekable();
    if let Some(token) = &spec.token {
        let mut ahead = true;
        // The name may have gone since; then the first one after where it was begins the page.
        while ahead && rest.peek().is_some() {
            ahead = rest.next_if(|(name, _)| name.to_lowercase() <= token.as_str().to_lowercase()).is_some();
        }
    }
    let (mut items, mut last) = (Vec::new(), None);
    for (name, item) in rest.by_ref().take(spec.size()) {
        last = Some(name);
        items.push(item);
    }
    let has_more = rest.peek().is_some();
    let next = last.filter(|_| has_more).and_then(|name| PageToken::new(&name).ok());
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use allocd_types::violation::Violations;

    use super::*;

    #[test]
    fn pages_tell_everything_once_even_if_a_name_goes_in_between() {
        let names = |without: &str| {
            ["a", "B", "c", "d", "e"]
                .into_iter()
                .filter(move |name| *name != without)
                .map(|name| (name.to_owned(), name))
                .collect::<Vec<_>>()
        };
        let two = PageSpec::check("page_size", 2, &mut Violations::default()).unwrap();
        let first = page(names("").into_iter(), &two);
        assert_eq!(first.items, ["a", "B"]);
        let second = page(names("B").into_iter(), &two.at(first.next.unwrap()));
        assert_eq!(second.items, ["c", "d"]);
        let third = page(names("").into_iter(), &two.at(second.next.unwrap()));
        assert_eq!((third.items, third.next), (vec!["e"], None));
    }
}
