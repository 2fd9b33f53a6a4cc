//! Whole lists: page after page, begun anew if the cluster no longer keeps the revision that the pages are of.

use allocd_types::answer::Answer;
use allocd_types::page::{Page, PageSpec};
use allocd_types::reason::Reason;

use crate::error::ClientError;

/// Most times a listing is begun anew.
const RESTARTS_MAX: u32 = 3;

/// Reads all pages.
pub(crate) async fn all<T, S, F>(list: S) -> Result<Answer<Vec<T>>, ClientError>
where
    S: Fn(PageSpec) -> F,
    F: Future<Output = Result<Answer<Page<T>>, ClientError>>,
{
    let mut restarts = 0;
    loop {
        match once(&list).await {
            Err(error) if error.problem.reason == Reason::Compacted && restarts < RESTARTS_MAX => {
                restarts += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn once<T, S, F>(list: &S) -> Result<Answer<Vec<T>>, ClientError>
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
