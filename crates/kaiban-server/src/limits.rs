//! Every bound of the server, in one table.

use std::time::Duration;

/// Bounds that calls are held to. Lengths of texts are in characters.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest request message, bytes.
    pub request_max_bytes: usize,
    /// Largest answer message, bytes.
    pub response_max_bytes: usize,
    /// Open connections.
    pub connections_max: usize,
    /// How long a connection may say nothing at all; longer than a ping and the time to answer it.
    pub quiet_max: Duration,
    /// Calls and streams open at a time on one connection.
    pub streams_per_connection_max: u32,
    /// Bytes that one call or stream may send ahead of being read.
    pub stream_ahead_max_bytes: u32,
    /// Bytes that all of a connection may send ahead. Half of it is also what the transport allows for the framing of
    /// small messages that wait to be read, so it is many times that of a stream: a slow moment here must not end the
    /// connection of an agency that sends heartbeats through several streams.
    pub connection_ahead_max_bytes: u32,
    /// Length of a bearer token.
    pub token_max: usize,

    /// Length of a `request_id`.
    pub request_id_max: usize,
    /// Length of a name: workflow, step, office, outcome, organisation, outlet, code.
    pub name_max: usize,
    /// Length of a case number, a task id or a correction id.
    pub id_max: usize,
    /// Length of a page token.
    pub page_token_max: usize,
    /// Length of a token's label.
    pub label_max: usize,
    /// Length of an officer's staff number.
    pub officer_max: usize,
    /// Length of the reason for withdrawing or cancelling a case.
    pub case_reason_max: usize,
    /// Length of the reason for an adverse outcome.
    pub outcome_reason_max: usize,
    /// Length of one sentence of a finding.
    pub sentence_max: usize,
    /// Length of a file's name.
    pub file_name_max: usize,
    /// Length of what a draw says of its public value, and of the value.
    pub draw_text_max: usize,
    /// Length of a JSON pointer.
    pub pointer_max: usize,
    /// Nesting of a form or a result. Shares wrap them in two more levels, and decoders stop at 33.
    pub depth_max: usize,

    /// Cases on a page.
    pub page_max: u32,
    /// Tasks of one claim, and items of one batch.
    pub batch_max: usize,
    /// Steps named by a claim or a stream, and offices of a token.
    pub list_max: usize,
    /// Findings of a correction.
    pub findings_max: usize,
    /// Length of a mapping between two versions of a package.
    pub mapping_max: usize,
    /// Cases that a migration names.
    pub migrated_max: usize,
    /// Tasks in hand through one stream.
    pub window_max: u32,
    /// Shortest lease.
    pub lease_min: Duration,
    /// Longest lease.
    pub lease_max: Duration,
    /// Longest wait of a claim.
    pub wait_max: Duration,

    /// Longest a call may take, the wait of a claim not counted.
    pub call_max: Duration,
    /// Longest an upload may take.
    pub upload_max: Duration,
    /// How long a stream may wait for its first message.
    pub open_max: Duration,
    /// Messages of one stream that are being dealt with at a time; further ones wait with the sender.
    pub stream_in_flight_max: usize,
    /// Messages of one stream that wait for a slow reader.
    pub stream_queue_max: usize,
    /// How long a stream waits for its reader to take one message.
    pub slow_reader_max: Duration,
    /// How long stopping waits for calls to end.
    pub drain_max: Duration,
}

/// Bytes of a status' details. Base64 makes them a third longer, and many clients take no more than 8 KiB of trailers.
pub(crate) const DETAILS_MAX_BYTES: usize = 4 * 1024;

/// Characters of a status' message.
pub(crate) const STATUS_MESSAGE_MAX: usize = 400;

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_max_bytes: kaiban_api::REQUEST_MAX_BYTES,
            response_max_bytes: kaiban_api::RESPONSE_MAX_BYTES,
            connections_max: 4_096,
            quiet_max: Duration::from_secs(75),
            streams_per_connection_max: 1_024,
            stream_ahead_max_bytes: 64 * 1024,
            connection_ahead_max_bytes: 16 * 1024 * 1024,
            token_max: 256,

            request_id_max: 128,
            name_max: 64,
            id_max: 160,
            page_token_max: 1_024,
            label_max: 100,
            officer_max: 64,
            case_reason_max: 500,
            outcome_reason_max: 2_000,
            sentence_max: 500,
            file_name_max: 200,
            draw_text_max: 200,
            pointer_max: 512,
            depth_max: kaiban_api::DEPTH_MAX - 2,

            page_max: 500,
            batch_max: 100,
            list_max: 50,
            findings_max: 100,
            mapping_max: 64 * 1024,
            migrated_max: 1_000,
            window_max: 1_000,
            lease_min: Duration::from_secs(10),
            lease_max: Duration::from_secs(14 * 86_400),
            wait_max: Duration::from_secs(60),

            call_max: Duration::from_secs(30),
            upload_max: Duration::from_secs(15 * 60),
            open_max: Duration::from_secs(30),
            stream_in_flight_max: 256,
            stream_queue_max: 64,
            slow_reader_max: Duration::from_secs(30),
            drain_max: Duration::from_secs(20),
        }
    }
}
