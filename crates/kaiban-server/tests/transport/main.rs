//! What the server owes its callers whatever they ask: who may call, what a bad message is answered, how streams and
//! the server end. What calls mean is tested with the flows.

mod certificates;
mod client;
mod connections;
mod flooding;
mod messages;
mod office;
mod open_services;
mod proxy;
mod slow_readers;
mod stopping;
mod tokens;
mod work_stream;
