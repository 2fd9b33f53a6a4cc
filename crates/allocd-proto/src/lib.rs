//! Generated messages of the API, their conversions to the vocabulary, and the one status codec.
