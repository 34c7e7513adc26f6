//! Why a call did not get what it asked for: one shape for everything the app says no to.

use std::time::Duration;

use kaiban_engine::{Class, Rejection};
use kaiban_findings::{Finding, Text};
use kaiban_store::StoreError;

/// Canonical error code; the names are gRPC's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canonical {
    /// The request is wrong whatever the state.
    InvalidArgument,
    /// No or no valid credential.
    Unauthenticated,
    /// The role may not do this at all.
    PermissionDenied,
    /// Not there, or not for the caller to see.
    NotFound,
    /// The request id was used for something else.
    AlreadyExists,
    /// The state does not allow it.
    FailedPrecondition,
    /// Somebody else has it by now.
    Aborted,
    /// A bound was hit; try later.
    ResourceExhausted,
    /// The server cannot answer now; try later.
    Unavailable,
    /// A defect on our side.
    Internal,
}

/// Why a call was refused. Nothing was changed by it.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Canonical code.
    pub code: Canonical,
    /// Stable reason in SCREAMING_SNAKE_CASE.
    pub reason: &'static str,
    /// What happened and what to do.
    pub message: Text,
    /// Places in the form or result.
    pub findings: Vec<Finding>,
    /// When it may be worth trying again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal without places.
    pub fn new(code: Canonical, reason: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, reason, message: Text::new(zh, en), findings: Vec::new(), retry_after: None }
    }

    /// Not there, or not for the caller to see: both look the same.
    pub fn not_found() -> Self {
        Self::new(
            Canonical::NotFound,
            "NOT_FOUND",
            "没有找到，或您无权查看。",
            "There is no such thing, or it is not yours to see.",
        )
    }

    /// The role may not do this at all.
    pub fn role() -> Self {
        Self::new(
            Canonical::PermissionDenied,
            "ROLE_NOT_ALLOWED",
            "当前令牌的角色不能进行此操作。",
            "This token's role may not do that.",
        )
    }

    /// The credential is missing or none of ours.
    pub fn unauthenticated() -> Self {
        Self::new(
            Canonical::Unauthenticated,
            "TOKEN_INVALID",
            "缺少有效令牌：请在元数据 authorization 中携带“Bearer kb_…”。",
            "No valid token: send metadata `authorization: Bearer kb_…`.",
        )
    }

    /// The credential was ours until somebody ended it. Only its bearer can ask, so nothing is given away.
    pub fn revoked() -> Self {
        Self::new(
            Canonical::Unauthenticated,
            "TOKEN_REVOKED",
            "令牌已被撤销，请向发放人另行申请。",
            "The token was revoked: ask whoever gives out tokens for another one.",
        )
    }

    /// The credential was ours until its time was over.
    pub fn expired() -> Self {
        Self::new(
            Canonical::Unauthenticated,
            "TOKEN_EXPIRED",
            "令牌已过期，请换用新令牌。",
            "The token has expired: get another one.",
        )
    }

    /// No package of that name is in effect here.
    pub fn unknown_workflow<'n>(named: &str, served: impl Iterator<Item = &'n str>) -> Self {
        let served: std::collections::BTreeSet<&str> = served.collect();
        let served: Vec<&str> = served.into_iter().collect();
        Self::argument(
            "UNKNOWN_WORKFLOW",
            format!("没有名为“{named}”的流程，可用的有：{}。", served.join("、")),
            format!("There is no workflow package `{named}` here; there is: {}.", served.join(", ")),
        )
    }

    /// An argument of the request itself is wrong.
    pub fn argument(reason: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Canonical::InvalidArgument, reason, zh, en)
    }

    /// The same request id came with other content.
    pub fn request_id_reused() -> Self {
        Self::new(
            Canonical::AlreadyExists,
            "REQUEST_ID_REUSED",
            "该 request_id 已用于内容不同的请求；新请求请使用新的 request_id。",
            "This request_id was used for a request with other content: use a new one for a new request.",
        )
    }

    /// The server is stopping.
    pub fn stopping() -> Self {
        Self {
            retry_after: Some(Duration::from_secs(1)),
            ..Self::new(
                Canonical::Unavailable,
                "STOPPING",
                "服务正在停止，请稍后用同一 request_id 重试。",
                "The server is stopping: try again with the same request_id.",
            )
        }
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let code = match rejection.class() {
            Class::InvalidArgument => Canonical::InvalidArgument,
            Class::FailedPrecondition => Canonical::FailedPrecondition,
            Class::Aborted => Canonical::Aborted,
            Class::NotFound => Canonical::NotFound,
            Class::Internal => Canonical::Internal,
        };
        Self {
            code,
            reason: rejection.reason(),
            message: rejection.text(),
            findings: rejection.findings().to_vec(),
            retry_after: None,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadPageToken => Self::argument(
                "PAGE_TOKEN_INVALID",
                "分页令牌无效，请从第一页重新查询。",
                "The page token is not valid: start again from the first page.",
            ),
            StoreError::Full => Self {
                retry_after: Some(Duration::from_secs(5)),
                ..Self::new(
                    Canonical::ResourceExhausted,
                    "STORAGE_FULL",
                    "存储空间不足，本次操作未生效，请稍后重试。",
                    "The storage is full; nothing was changed. Try again later.",
                )
            },
            StoreError::Unavailable(_) | StoreError::Held | StoreError::Conflict(_) => Self {
                retry_after: Some(Duration::from_secs(1)),
                ..Self::new(
                    Canonical::Unavailable,
                    "STORAGE_UNAVAILABLE",
                    "存储暂不可用，请稍后用同一 request_id 重试。",
                    "The storage is not available: try again with the same request_id.",
                )
            },
            _ => Self::new(
                Canonical::Internal,
                "STORAGE_REFUSED",
                "存储拒绝了本次操作，未作任何变更，请联系管理员。",
                "The storage refused the operation; nothing was changed. Tell the administrator.",
            ),
        }
    }
}
