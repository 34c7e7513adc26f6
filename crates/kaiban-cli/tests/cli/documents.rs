//! `document`: handing in, showing, fetching and going on where a fetch broke off.

use crate::server::{Place, Server};
use crate::shows;

/// The smallest PNG there is, as far as its header.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

#[test]
fn a_document_goes_in_and_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("data"));
    let token = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    let foreign = place.token(&["--role", "terminal", "--organisation", "b02", "--outlet", "b02-001"]);
    let server = Server::start(&place);
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("照片.png"), PNG).unwrap();
    std::fs::write(path("lies.pdf"), PNG).unwrap();

    shows!("document_upload", server.asked(&token, &["document", "upload", &path("照片.png")]));
    shows!("document_lies", server.asked(&token, &["document", "upload", &path("lies.pdf")]));
    let several = ["document", "upload", &path("照片.png"), &path("second.png")];
    std::fs::write(path("second.png"), [PNG, b"more"].concat()).unwrap();
    shows!("document_upload_several", server.asked(&token, &several));
    let as_json = server.asked(&token, &[&several[..], &["--format", "json"]].concat()).fine();
    assert_eq!(as_json.lines().count(), 2, "one object a line: {as_json}");
    shows!("document_one_name", server.asked(&token, &[&several[..], &["--name", "a.png"]].concat()));
    let missing = server.asked(&token, &["document", "upload", &path("none.png")]);
    shows!("document_no_file", missing.within(folder.path()));
    let said = server.asked(&token, &["document", "upload", &path("照片.png"), "--name", "b.png", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.fine()).unwrap();
    let digest = document["digest"].as_str().unwrap();
    shows!("document_show", server.asked(&token, &["document", "show", digest]));
    shows!("document_foreign", server.asked(&foreign, &["document", "show", digest]));
    shows!("document_list_unknown", server.asked(&token, &["document", "list", "20260302-0000000000-0"]));

    let to = path("back.png");
    server.asked(&token, &["document", "download", digest, "--to", &to]).fine();
    assert_eq!(std::fs::read(&to).unwrap(), PNG);
    std::fs::write(path("rest.png.part"), &PNG[..10]).unwrap();
    server.asked(&token, &["document", "download", digest, "--to", &path("rest.png")]).fine();
    assert_eq!(std::fs::read(path("rest.png")).unwrap(), PNG);
    std::fs::write(path("bad.png.part"), "something else").unwrap();
    let refused = server.asked(&token, &["document", "download", digest, "--to", &path("bad.png")]);
    shows!("document_bad_part", refused);
    assert!(!folder.path().join("bad.png").exists() && !folder.path().join("bad.png.part").exists());
}
