//! The shape of a client's methods: one line for each, with its words and its RPC.

/// Most bytes of one answer: an import's findings and a page of leases are far below.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Methods that change something; each takes its wish and whether it is to be done.
macro_rules! mutations {
    ($service:ident, $patience:ident { $($(#[$doc:meta])* $method:ident($wish:ty) -> $value:ty;)* }) => {
        impl $crate::client::Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`ClientError`](crate::error::ClientError) with the cluster's reason, or why it gave no answer.
                pub async fn $method(
                    &self,
                    wish: $wish,
                    effect: allocd_types::effect::Effect,
                ) -> Result<allocd_types::answer::Answer<$value>, $crate::error::ClientError> {
                    self.mutate((wish, effect), $crate::call::Patience::$patience, |channel, request| async move {
                        $service::new(channel)
                            .max_decoding_message_size($crate::methods::ANSWER_BYTES_MAX)
                            .$method(request)
                            .await
                    })
                    .await
                }
            )*
        }
    };
}

/// Methods that ask; each takes what it asks about.
macro_rules! questions {
    ($service:ident { $($(#[$doc:meta])* $method:ident($wish:ty) -> $value:ty;)* }) => {
        impl $crate::client::Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`ClientError`](crate::error::ClientError) with the cluster's reason, or why it gave no answer.
                pub async fn $method(
                    &self,
                    wish: $wish,
                ) -> Result<allocd_types::answer::Answer<$value>, $crate::error::ClientError> {
                    self.ask(wish, |channel, request| async move {
                        $service::new(channel)
                            .max_decoding_message_size($crate::methods::ANSWER_BYTES_MAX)
                            .$method(request)
                            .await
                    })
                    .await
                }
            )*
        }
    };
}

/// Methods that read a whole list, page by page, at one go.
macro_rules! whole_lists {
    ($($(#[$doc:meta])* $method:ident = $list:ident -> $item:ty;)*) => {
        impl $crate::client::Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`ClientError`](crate::error::ClientError) with the cluster's reason, or why it gave no answer.
                pub async fn $method(
                    &self,
                ) -> Result<allocd_types::answer::Answer<Vec<$item>>, $crate::error::ClientError> {
                    $crate::listing::all(|page| self.$list(page)).await
                }
            )*
        }
    };
}

pub(crate) use {mutations, questions, whole_lists};
