//! Compiles `proto/` without a protoc to install, and keeps the descriptor set for reflection.

use std::error::Error;
use std::path::PathBuf;

use prost::Message;
use prost_types::FileDescriptorSet;

const PROTO: &str = "../../proto";
const FILES: [&str; 12] = [
    "common",
    "case_service",
    "task_service",
    "document_service",
    "incident_service",
    "workflow_service",
    "admin_service",
    "audit_service",
    "draw_service",
    "certificate",
    "commitment_service",
    "credit_service",
];

/// Messages whose bytes are handed on without being copied.
const BYTES: [&str; 2] = [".kaiban.v1.UploadDocumentRequest", ".kaiban.v1.DownloadDocumentResponse"];

/// Methods that make a secret which is in one answer only: sent again they make another one.
const ONCE: [&str; 2] = ["IssueToken", "IssueApplicantCredential"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO}");
    let files = FILES.map(|name| format!("{PROTO}/kaiban/v1/{name}.proto"));
    let descriptors = protox::compile(files, [PROTO])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("kaiban.v1.binpb"), descriptors.encode_to_vec())?;
    std::fs::write(out.join("calls.rs"), calls(&descriptors))?;
    let builder = tonic_prost_build::configure();
    BYTES.iter().fold(builder, |builder, message| builder.bytes(message)).compile_fds(descriptors)?;
    Ok(())
}

/// `impl Call` for the request of every method that has one request and one answer.
fn calls(descriptors: &FileDescriptorSet) -> String {
    let files = || descriptors.file.iter().filter(|file| file.package() == "kaiban.v1");
    let has_request_id = |name: &str| {
        let message = files().flat_map(|file| &file.message_type).find(|message| message.name() == name);
        message.is_some_and(|message| message.field.iter().any(|field| field.name() == "request_id"))
    };
    let mut text = String::new();
    for service in files().flat_map(|file| &file.service) {
        let unary = service.method.iter().filter(|method| !method.client_streaming() && !method.server_streaming());
        for method in unary {
            let bare = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
            let (request, answer) = (bare(method.input_type()), bare(method.output_type()));
            let repeatable = !ONCE.contains(&method.name());
            let request_id = if has_request_id(&request) { "Some(&mut self.request_id)" } else { "None" };
            let path = format!("/kaiban.v1.{}/{}", service.name(), method.name());
            text.push_str(&format!(
                "impl Call for crate::v1::{request} {{\n    type Answer = crate::v1::{answer};\n    \
                 const PATH: &'static str = \"{path}\";\n    const REPEATABLE: bool = {repeatable};\n    \
                 fn request_id(&mut self) -> Option<&mut String> {{\n        {request_id}\n    }}\n}}\n"
            ));
        }
    }
    text
}
