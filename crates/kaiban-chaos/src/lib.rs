//! Does servers every kind of harm while clients work with them, and then checks that nothing acknowledged was lost and
//! nothing was done twice. It looks at servers from outside only: their processes, their sockets, their disks, their API.
//!
//! [`run`] plays one [`Plan`]: real `kaiban serve` processes, each behind a small proxy, on SQLite or on a PostgreSQL of
//! their own; terminals and agencies of the simulated population, who repeat every call under the same request id until it
//! is answered; and faults, one after the other, in an order and with lengths that follow from a seed. The moments follow
//! from progress: a fault comes after so many further acknowledgements.

mod book;
mod check;
mod crowd;
mod deck;
mod desk;
mod disk;
mod effects;
mod fault;
mod journal;
mod line;
mod node;
mod office;
mod people;
mod place;
mod plan;
mod poller;
mod proxy;
mod report;
mod run;
mod terminal;

pub use plan::{Database, Plan};
pub use report::Report;
pub use run::run;
