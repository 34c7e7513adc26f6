//! Letters: listed and printed by hand, or carried to a web hook.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::shows;
use crate::town::{Town, form};

#[test]
fn a_letter_is_printed() {
    let town = Town::start();
    let case = town.submit(&form());
    let told = town.told(&case, 1);
    let number = told["letters"][0]["number"].as_str().unwrap();
    shows!("letter_list", town.asked(&town.terminal, &["case", "letter", &case]));
    let line = town.object(&town.terminal, &["case", "letter", &case]);
    assert_eq!(line["number"], number);

    shows!("letter_text", town.asked(&town.terminal, &["case", "letter", &case, number]));
    let file = town.path("letter.html");
    let written = town.asked(&town.terminal, &["case", "letter", &case, number, "--html", "--output", &file]);
    shows!("letter_file", written.within(town.folder()));
    let html = std::fs::read_to_string(&file).unwrap();
    assert!(html.contains(&format!("<p>{number}</p>")), "{html}");
    let both = town.object(&town.terminal, &["case", "letter", &case, number]);
    assert_eq!(both["html"], html);

    let nowhere = town.asked(&town.terminal, &["case", "letter", &case, number, "-o", "/nowhere/letter.txt"]);
    shows!("letter_no_folder", nowhere);
    shows!("letter_unknown", town.asked(&town.terminal, &["case", "letter", &case, "柜收字〔2026〕0号"]));
    shows!("letter_stranger", town.asked(&town.stranger, &["case", "letter", &case, number]));
    shows!("letter_html_of_none", town.asked(&town.terminal, &["case", "letter", &case, "--html"]));
    town.close();
}

#[test]
fn a_letter_goes_to_the_web_hook() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/kaiban", receiver.local_addr().unwrap());
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let secret = secret.path().to_str().unwrap();
    let town = Town::start_with(&["--webhook-url", &url, "--webhook-secret-file", secret]);
    let case = town.submit(&form());

    let (mut line, _) = receiver.accept().unwrap();
    let (headers, event) = request(&line);
    assert!(headers.iter().any(|header| header.to_lowercase().starts_with("webhook-signature: v1,")), "{headers:?}");
    assert_eq!(event["data"]["title"]["zh"], "收件凭证");
    assert_eq!(event["data"]["outlet"], "b01-001");
    // Nobody was told before the receiver has taken it.
    let waiting = town.object(&town.terminal, &["case", "letter", &case]);
    assert_eq!((&waiting["number"], &waiting["told_at"]), (&event["data"]["number"], &Value::Null));
    line.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
    town.told(&case, 1);
    town.close();
}

/// The headers and the JSON of one request.
fn request(line: &TcpStream) -> (Vec<String>, Value) {
    let mut reader = BufReader::new(line);
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        match header.trim_end() {
            "" => break,
            header => headers.push(header.to_owned()),
        }
    }
    let length = headers.iter().find_map(|header| header.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.expect("a length")];
    reader.read_exact(&mut body).unwrap();
    (headers, serde_json::from_slice(&body).unwrap())
}
