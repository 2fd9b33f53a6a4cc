//! Whole lists, page after page. What is there all along is told once; what comes or goes meanwhile may be told or not.

use allocd_types::answer::Answer;
use allocd_types::page::{Page, PageSpec};

use crate::error::ClientError;

/// Reads all pages.
pub(crate) async fn all<T, S, F>(list: S) -> Result<Answer<Vec<T>>, ClientError>
where
    S: Fn(PageSpec) -> F,
    F: Future<Output = Result<Answer<Page<T>>, ClientError>>,
{
    let mut page = PageSpec::largest();
    let mut items = Vec::new();
    loop {
        let mut answer = list(page.clone()).await?;
        items.append(&mut answer.value.items);
        match answer.value.next.take() {
            Some(token) => page = page.at(token),
            None => return Ok(answer.map(|_| items)),
        }
    }
}
