//! The word that the server is about to stop, for everything that would otherwise go on for ever.

use tokio::sync::watch;

/// Says the word; dropping it says it as well.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Hears the word. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(watch::Receiver<bool>);

/// Both ends.
pub(crate) fn stopping() -> (Stop, Stopping) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Stopping(receiver))
}

impl Stop {
    pub(crate) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Returns once the word was said; at once if it was said before.
    pub(crate) async fn heard(&self) {
        let mut receiver = self.0.clone();
        // An error means that the other end is gone: that is the word, too.
        let _ = receiver.wait_for(|said| *said).await;
    }
}
