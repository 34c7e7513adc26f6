//! How a server begins and ends.

use crate::command::{kaiban, run};
use crate::server::{Place, Server};
use crate::shows;

#[test]
fn an_address_that_others_can_reach_needs_tls() {
    shows!("serve_insecure", run(kaiban(&["serve", "--listen", "0.0.0.0:50051"])));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let allowed = ["serve", "--listen", "0.0.0.0:0", "--insecure", "--check-config", "--data", data];
    assert_eq!(run(kaiban(&allowed)).code, Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a check writes nothing");
}

#[test]
fn the_configuration_can_be_checked() {
    shows!("serve_check_config", run(kaiban(&["serve", "--check-config"])));
    shows!("serve_check_config_json", run(kaiban(&["serve", "--check-config", "--format", "json"])));
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("no.pem");
    std::fs::write(&text, "not a certificate").unwrap();
    let text = text.to_str().unwrap();
    let check = |certificate: &str| {
        let arguments = ["serve", "--check-config", "--tls-cert", certificate, "--tls-key", text];
        run(kaiban(&arguments)).within(folder.path())
    };
    shows!("serve_certificate_missing", check(&format!("{}/none.pem", folder.path().display())));
    shows!("serve_certificate_not_pem", check(text));
}

#[test]
fn a_web_hook_is_checked_with_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let secret = file("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let weak = file("weak", "whsec_c2hvcnQ=");
    let check = |more: &[&str]| {
        let said = run(kaiban(&[&["serve", "--check-config", "--webhook-url"], more].concat()));
        assert!(!said.to_string().contains("whsec_M") && !said.to_string().contains("key=1"), "{said}");
        said.within(folder.path())
    };
    let url = "https://hook.example.com/kaiban?key=1";
    shows!("serve_webhook", check(&[url, "--webhook-secret-file", &secret, "--format", "json"]));
    shows!("serve_webhook_no_secret", check(&[url]));
    shows!("serve_webhook_weak_secret", check(&[url, "--webhook-secret-file", &weak]));
    shows!("serve_webhook_plain", check(&["http://hook.example.com/?key=1", "--webhook-secret-file", &secret]));
    shows!("serve_webhook_no_url", check(&["hook.example.com/?key=1", "--webhook-secret-file", &secret]));
    let authority = ["--webhook-secret-file", &secret, "--webhook-ca", &weak];
    shows!("serve_webhook_authority", check(&[&[url], &authority[..]].concat()));
    shows!("serve_webhook_alone", run(kaiban(&["serve", "--check-config", "--webhook-ca", "x.pem"])));

    let mut from_environment = kaiban(&["serve", "--check-config", "--webhook-url", url]);
    from_environment.env("KAIBAN_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert_eq!(run(from_environment).code, Some(0));
}

#[test]
fn a_port_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let mut serve = place.command(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    serve.arg("--format").arg("human");
    shows!("serve_port_in_use", run(serve));
}

#[test]
fn a_new_server_says_how_to_get_a_token_and_ends_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    shows!("serve_first_start", Server::start(&place).stop().within(folder.path()));
    place.token(&["--role", "security", "--person", "lin"]);
    let server = Server::start(&place);
    assert_eq!(server.asked("", &["health"]).fine(), "SERVING\n");
    drop(server);
    shows!("serve_second_start", Server::start(&place).stop().within(folder.path()));
    assert_eq!(place.verify()["cases"], 0);
}

#[test]
fn a_server_that_is_not_there_is_told() {
    shows!("no_server", run(kaiban(&["case", "list", "--endpoint", "http://127.0.0.1:1"])));
    shows!("no_database", run(kaiban(&["verify", "--data", "/nowhere"])));
}
