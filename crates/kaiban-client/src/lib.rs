//! What a bank's or an agency's programme speaks to kaiban with; it never decides for its caller what an answer means.
//!
//! A layer around the generated clients and no second API: requests and answers are those of [`kaiban_api::v1`].
//!
//! - [`Client::call`] makes any call with one answer. It sends the same again, with the same `request_id`, where that may
//!   help: with exponential back-off and full jitter, as [`Policy`] bounds it, and through the next endpoint where one
//!   does not answer.
//! - [`Client::work`] holds an office's `WorkTasks` stream open: tasks come as [`Offer`]s, and what was said about one is
//!   said again until it is answered, however often the stream breaks.
//! - [`Client::watch`] follows cases likewise.
//! - [`Client::line`] is a channel for the generated clients, for what is left: documents, health, reflection.
//!
//! ```no_run
//! use kaiban_api::v1::GetCaseRequest;
//! use kaiban_client::{Client, Settings};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::new(["http://node-1:50051", "http://node-2:50051"]).token("kb_…");
//! let client = Client::new(settings)?;
//! let case = client.call(GetCaseRequest { id: "20260302-7K3QX9M2RT-C".into(), ..Default::default() }).await?.case;
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod policy;
mod watch;
mod work;

pub use client::{Client, Settings};
pub use error::{CallError, Told, Violation};
pub use policy::Policy;
pub use watch::{Watch, Watched};
pub use work::{Heard, Offer, Work};
