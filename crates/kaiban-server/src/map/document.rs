//! Documents.

use kaiban_api::{timestamp, v1};
use kaiban_app::{Digest, DocumentView, Refusal, Upload};

use super::fields::Fields;
use crate::limits::Limits;

/// Which document, in which case, from where on.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) digest: Digest,
    pub(crate) case: Option<String>,
    pub(crate) offset: u64,
}

/// The first message of an upload.
pub(crate) fn header(message: Option<v1::UploadDocumentRequest>, limits: &Limits) -> Result<Upload, Refusal> {
    let Some(v1::upload_document_request::Part::Header(header)) = message.and_then(|message| message.part) else {
        return Err(Refusal::argument(
            "UPLOAD_HEADER_MISSING",
            "上传的第一条消息应为 header。",
            "The first message of an upload must be its header.",
        ));
    };
    let mut fields = Fields::new(limits);
    if header.name.is_empty() {
        fields.missing("/header/name");
    }
    let upload = Upload {
        name: fields.line("/header/name", header.name, limits.file_name_max),
        media_type: fields.line("/header/media_type", header.media_type, limits.name_max),
        size: natural(&mut fields, "/header/size", header.size).filter(|size| *size > 0),
        digest: (!header.sha256.is_empty())
            .then(|| digest(&mut fields, "/header/sha256", &format!("sha256:{}", header.sha256))),
    };
    fields.finish(upload)
}

/// A later message of an upload.
pub(crate) fn chunk(message: v1::UploadDocumentRequest) -> Result<prost::bytes::Bytes, Refusal> {
    match message.part {
        Some(v1::upload_document_request::Part::Chunk(chunk)) => Ok(chunk),
        Some(v1::upload_document_request::Part::Header(_)) | None => Err(Refusal::argument(
            "UPLOAD_CHUNK_MISSING",
            "header 之后的每条消息应为 chunk。",
            "Every message after the header must be a chunk.",
        )),
    }
}

pub(crate) fn download(request: v1::DownloadDocumentRequest, limits: &Limits) -> Result<Wanted, Refusal> {
    let mut fields = Fields::new(limits);
    let wanted = Wanted {
        digest: digest(&mut fields, "/digest", &request.digest),
        case: case(&mut fields, request.case_id),
        offset: natural(&mut fields, "/offset", request.offset).unwrap_or_default(),
    };
    fields.finish(wanted)
}

pub(crate) fn get(request: v1::GetDocumentRequest, limits: &Limits) -> Result<Wanted, Refusal> {
    download(v1::DownloadDocumentRequest { digest: request.digest, case_id: request.case_id, offset: 0 }, limits)
}

pub(crate) fn list(request: v1::ListDocumentsRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    fields.finish(case)
}

pub(crate) fn present(view: DocumentView) -> v1::Document {
    v1::Document {
        digest: view.digest.to_string(),
        name: view.name,
        media_type: view.media_type,
        size: i64::try_from(view.size).unwrap_or(i64::MAX),
        uploaded_at: Some(timestamp(view.uploaded_at_us)),
        pointers: view.pointers,
    }
}

fn case(fields: &mut Fields<'_>, value: String) -> Option<String> {
    (!value.is_empty()).then(|| fields.id("/case_id", value))
}

fn digest(fields: &mut Fields<'_>, field: &str, value: &str) -> Digest {
    value.parse().unwrap_or_else(|_| {
        fields.error(
            field,
            "WRONG_SHAPE",
            "应为 SHA-256 的64位小写十六进制数（digest 前加 sha256:）。",
            "This must be a SHA-256 as 64 lower-case hex digits (a digest: with sha256: before them).",
        );
        Digest::from([0; 32])
    })
}

fn natural(fields: &mut Fields<'_>, field: &str, value: i64) -> Option<u64> {
    let natural = u64::try_from(value).ok();
    if natural.is_none() {
        fields.error(field, "OUT_OF_RANGE", "不能为负数。", "This must not be negative.");
    }
    natural
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(refusal: &Refusal) -> Vec<String> {
        refusal.findings.iter().map(|finding| format!("{} {}", finding.place, finding.code)).collect()
    }

    fn first(header: v1::UploadHeader) -> Option<v1::UploadDocumentRequest> {
        Some(v1::UploadDocumentRequest { part: Some(v1::upload_document_request::Part::Header(header)) })
    }

    #[test]
    fn everything_but_the_name_may_be_left_out() {
        let header_of = |header| header_with(first(header));
        fn header_with(message: Option<v1::UploadDocumentRequest>) -> Result<Upload, Refusal> {
            header(message, &Limits::default())
        }
        let upload = header_of(v1::UploadHeader { name: "a.pdf".into(), ..Default::default() }).unwrap();
        assert_eq!((upload.size, upload.digest), (None, None));
        let wrong = v1::UploadHeader { name: String::new(), media_type: String::new(), size: -1, sha256: "AB".into() };
        let found = places(&header_of(wrong).unwrap_err());
        assert_eq!(found, ["/header/name REQUIRED", "/header/size OUT_OF_RANGE", "/header/sha256 WRONG_SHAPE"]);
        assert_eq!(header_with(None).unwrap_err().reason, "UPLOAD_HEADER_MISSING");
    }

    #[test]
    fn a_digest_has_one_shape() {
        let get =
            |text: String| get(v1::GetDocumentRequest { digest: text, case_id: String::new() }, &Limits::default());
        assert!(get(format!("sha256:{}", "0f".repeat(32))).unwrap().case.is_none());
        for text in [String::new(), "0f".repeat(32), format!("sha256:{}", "0F".repeat(32))] {
            assert_eq!(places(&get(text).unwrap_err()), ["/digest WRONG_SHAPE"]);
        }
    }
}
