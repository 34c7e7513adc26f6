//! Which settings are refused.

use std::time::Duration;

use kaiban_webhook::{SettingsError, Webhook, WebhookSettings};

use crate::settings;

fn refused(settings: &WebhookSettings) -> SettingsError {
    Webhook::open(settings).expect_err("refused")
}

#[test]
fn events_leave_this_machine_only_protected() {
    for url in ["http://sms.example.cn/", "http://10.0.0.7/", "http://127.0.0.1.example.cn/", "http://localhost.cn/"] {
        assert_eq!(refused(&settings(url)), SettingsError::Plain, "{url}");
    }
    for url in ["https://sms.example.cn/", "http://localhost:8080/", "http://127.0.0.2/", "http://[::1]:80/hook"] {
        assert!(Webhook::open(&settings(url)).is_ok(), "{url}");
    }
}

#[test]
fn a_url_of_another_kind_is_refused_without_repeating_it() {
    for url in
        ["", "sms.example.cn", "ftp://sms.example.cn/", "mailto:a@example.cn", "https://kaiban:secret@example.cn/"]
    {
        let error = refused(&settings(url));
        assert_eq!(error, SettingsError::Url, "{url}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[test]
fn an_attempt_needs_time() {
    let hasty = WebhookSettings { timeout: Duration::ZERO, ..settings("https://sms.example.cn/") };
    assert_eq!(refused(&hasty), SettingsError::Timeout);
}

#[test]
fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").expect("write");
    for path in [empty, folder.path().join("nowhere.pem")] {
        let settings = WebhookSettings { ca_file: Some(path.clone()), ..settings("https://sms.example.cn/") };
        assert_eq!(refused(&settings), SettingsError::CaFile(path));
    }
}
