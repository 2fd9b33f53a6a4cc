//! An input cut into frames, for targets that take several things in a row: a kind, a length, so many bytes.
//!
//! A frame that claims more than there is gets the rest: a fuzzer that cuts and joins inputs then still makes frames.

/// The frames of an input.
pub(crate) struct Frames<'a>(&'a [u8]);

impl<'a> Frames<'a> {
    pub(crate) const fn of(data: &'a [u8]) -> Self {
        Self(data)
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[kind, low, high], rest) = self.0.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (bytes, rest) = rest.split_at(length);
        self.0 = rest;
        Some((kind, bytes))
    }
}
