//! Hands events to a web hook as signed CloudEvents; it never retries by itself and never logs what it carries.
//!
//! One attempt is one POST: a CloudEvent 1.0 in structured JSON, signed as Standard Webhooks describes. Whoever
//! calls decides from the [`DeliveryError`] whether and when there is another. An event keeps its id over all
//! attempts, so that a receiver can tell a second attempt from a second event.

mod answer;
mod event;
mod notifier;
mod secret;
mod webhook;

pub use answer::{Cause, DeliveryError};
pub use event::CloudEvent;
pub use notifier::{NoWebhook, Notifier};
pub use secret::{BadSecret, Secret};
pub use webhook::{SettingsError, Webhook, WebhookSettings};
