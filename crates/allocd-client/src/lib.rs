//! Endpoints, retries with one request id, watch, decoded problems.
