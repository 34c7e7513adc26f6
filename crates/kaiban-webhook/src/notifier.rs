use async_trait::async_trait;

use crate::{CloudEvent, DeliveryError, Webhook};

/// Where events go.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// One attempt, at this instant of operating time. `Ok` when the event was taken.
    ///
    /// # Errors
    /// See [`DeliveryError`].
    async fn deliver(&self, event: &CloudEvent, now_us: i64) -> Result<(), DeliveryError>;
}

#[async_trait]
impl Notifier for Webhook {
    async fn deliver(&self, event: &CloudEvent, now_us: i64) -> Result<(), DeliveryError> {
        Webhook::deliver(self, event, now_us).await
    }
}

/// Nobody listens: every event that could be sent counts as taken. Where no web hook is configured, the terminal
/// shows the applicant what there is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoWebhook;

#[async_trait]
impl Notifier for NoWebhook {
    async fn deliver(&self, event: &CloudEvent, _now_us: i64) -> Result<(), DeliveryError> {
        event.body().map(drop)
    }
}
