//! Pure text: jail.conf(5), ezjail and the inventory format, rendered and parsed.
