//! Hands events to a web hook as signed CloudEvents; it never retries by itself and never logs what it carries.
