//! The settings that a configuration file may have beside `[limits]`: each is a flag of `serve` as well.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use kaiban_app::files::Clamd;
use kaiban_findings::Text;

use crate::verbs::serve::{Args, LISTEN, LOG};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A file or folder; from the folder of the configuration file where it is not absolute.
    Path,
    /// `true` or `false`.
    Flag,
}

/// One setting.
pub struct Key {
    /// Where it stands: `listen`, `tls.cert`.
    pub path: &'static str,
    /// The same as a flag, and a variable where there is one.
    pub flag: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// What holds where nobody says anything; empty = nothing.
    pub default: &'static str,
    /// Whether the value may hold a password.
    pub secret: bool,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// What a flag or variable says.
    pub get: fn(&Args) -> Option<String>,
    /// Says it.
    ///
    /// # Errors
    /// How it has to be written.
    pub set: fn(&mut Args, &str) -> Result<(), Text>,
}

/// Every setting, in the order in which people read them.
pub static KEYS: &[Key] = &[
    Key {
        path: "listen",
        flag: "--listen",
        kind: Kind::Text,
        default: LISTEN,
        secret: false,
        zh: "监听的地址和端口；端口 0 表示任选空闲端口。",
        en: "Address and port; port 0 takes a free one.",
        get: |args| args.listen.map(|listen| listen.to_string()),
        set: |args, text| read(&mut args.listen, text, "应为地址和端口，如", "Write address and port:", LISTEN),
    },
    Key {
        path: "insecure",
        flag: "--insecure",
        kind: Kind::Flag,
        default: "false",
        secret: false,
        zh: "允许不启用 TLS 而监听外部可达的地址，仅当前面另有 TLS 终止设备时使用。",
        en: "Allow an address that others can reach without TLS: only where something before it speaks TLS.",
        get: |args| args.insecure.then(|| "true".to_owned()),
        set: |args, text| {
            args.insecure = text == "true";
            Ok(())
        },
    },
    Key {
        path: "data",
        flag: "--data",
        kind: Kind::Path,
        default: "data",
        secret: false,
        zh: "SQLite 数据目录。",
        en: "Folder of the SQLite file.",
        get: |args| shown(args.database.data.as_ref()),
        set: |args, text| path(&mut args.database.data, text),
    },
    Key {
        path: "database_url",
        flag: "--database-url, KAIBAN_DATABASE_URL",
        kind: Kind::Text,
        default: "",
        secret: true,
        zh: "以 PostgreSQL 代替 SQLite 文件：postgres://用户:密码@主机/数据库。含密码时，应只有服务账户能读取此文件。",
        en: "PostgreSQL instead of a file: postgres://user:password@host/database. With a password in it, only the server's account should read this file.",
        get: |args| args.database.database_url.clone(),
        set: |args, text| {
            if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
                return Err(how("应写为", "Write", "postgres://user:password@host/database"));
            }
            args.database.database_url = Some(text.to_owned());
            Ok(())
        },
    },
    Key {
        path: "files",
        flag: "--files",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "存放材料的目录；默认在 SQLite 文件旁。使用 PostgreSQL 时必须指定，且各节点相同。",
        en: "Folder for documents; beside the SQLite file unless it is said. On PostgreSQL it must be said, and be the same for all nodes.",
        get: |args| shown(args.files.as_ref()),
        set: |args, text| path(&mut args.files, text),
    },
    Key {
        path: "archive",
        flag: "--archive",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "已归档办件的目录；默认在 SQLite 文件旁。使用 PostgreSQL 时，归档后必须指定，且各节点相同。",
        en: "Folder with archived cases; beside the SQLite file unless it is said. On PostgreSQL it must be said once something was archived, and be the same for all nodes.",
        get: |args| shown(args.archive.as_ref()),
        set: |args, text| path(&mut args.archive, text),
    },
    Key {
        path: "clamd",
        flag: "--clamd",
        kind: Kind::Text,
        default: "",
        secret: false,
        zh: "扫描材料的 ClamAV 守护进程。",
        en: "A ClamAV daemon that scans documents.",
        get: |args| {
            args.clamd.as_ref().map(|clamd| match clamd {
                Clamd::Tcp(address) => format!("tcp://{address}"),
                Clamd::Unix(path) => format!("unix://{}", path.display()),
            })
        },
        set: |args, text| read(&mut args.clamd, text, "应写为", "Write", "tcp://host:port, unix:///path"),
    },
    Key {
        path: "workflows",
        flag: "--workflows",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "流程包、名录和工作日历的目录；默认使用程序内置的。",
        en: "Folder with workflow packages, directory and calendars; the ones built into the program unless it is said.",
        get: |args| shown(args.packages.workflows.as_ref()),
        set: |args, text| path(&mut args.packages.workflows, text),
    },
    Key {
        path: "log",
        flag: "--log, RUST_LOG",
        kind: Kind::Text,
        default: LOG,
        secret: false,
        zh: "记录哪些日志：级别，或按模块的级别，以逗号分隔。",
        en: "Which logs are written: a level, or levels by module, with commas between.",
        get: |args| args.log.clone().filter(|log| !log.is_empty()),
        set: |args, text| {
            if tracing_subscriber::EnvFilter::try_new(text).is_err() {
                return Err(how(
                    "应写为级别或按模块的级别，如",
                    "Write a level, or levels by module:",
                    "warn,kaiban_app=debug",
                ));
            }
            args.log = Some(text.to_owned());
            Ok(())
        },
    },
    Key {
        path: "log_format",
        flag: "--log-format",
        kind: Kind::Text,
        default: "human",
        secret: false,
        zh: "日志格式：human（供人阅读）或 json（每行一个对象）。",
        en: "How logs are written: human, or json with one object a line.",
        get: |args| {
            args.log_format.and_then(|format| format.to_possible_value()).map(|value| value.get_name().to_owned())
        },
        set: |args, text| choice(&mut args.log_format, text, "human, json"),
    },
    Key {
        path: "tls.cert",
        flag: "--tls-cert",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "PEM 文件：服务器证书及其与根证书之间的证书。",
        en: "PEM file with the server's certificate and those between it and its root.",
        get: |args| shown(args.tls.cert.as_ref()),
        set: |args, text| path(&mut args.tls.cert, text),
    },
    Key {
        path: "tls.key",
        flag: "--tls-key",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "PEM 文件：服务器私钥。",
        en: "PEM file with its private key.",
        get: |args| shown(args.tls.key.as_ref()),
        set: |args, text| path(&mut args.tls.key, text),
    },
    Key {
        path: "tls.client_ca",
        flag: "--tls-client-ca",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "PEM 文件：签发客户端证书的根证书；指定后服务器要求客户端出示证书（双向 TLS）。",
        en: "PEM file with the certificates that may have signed a client's; with it the server asks clients for theirs (mutual TLS).",
        get: |args| shown(args.tls.client_ca.as_ref()),
        set: |args, text| path(&mut args.tls.client_ca, text),
    },
    Key {
        path: "tls.client_auth",
        flag: "--tls-client-auth",
        kind: Kind::Text,
        default: "required",
        secret: false,
        zh: "没有客户端证书的连接：required 拒绝，optional 允许（须用令牌）。",
        en: "Connections without a client's certificate: required turns them away, optional lets them in (with a token).",
        get: |args| {
            args.tls.client_auth.and_then(|auth| auth.to_possible_value()).map(|value| value.get_name().to_owned())
        },
        set: |args, text| choice(&mut args.tls.client_auth, text, "required, optional"),
    },
    Key {
        path: "webhook.url",
        flag: "--webhook-url",
        kind: Kind::Text,
        default: "",
        secret: true,
        zh: "以签名的 CloudEvents 向此地址发送文书和提醒；未指定时文书留在终端。",
        en: "Send letters and reminders to this address, as signed CloudEvents; without it they lie at the terminal.",
        get: |args| args.hook.webhook_url.clone(),
        set: |args, text| {
            args.hook.webhook_url = Some(text.to_owned());
            Ok(())
        },
    },
    Key {
        path: "webhook.secret_file",
        flag: "--webhook-secret-file",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "签名密钥文件；未指定时取 KAIBAN_WEBHOOK_SECRET。",
        en: "File with the secret that signs them; without it the secret is taken from KAIBAN_WEBHOOK_SECRET.",
        get: |args| shown(args.hook.webhook_secret_file.as_ref()),
        set: |args, text| path(&mut args.hook.webhook_secret_file, text),
    },
    Key {
        path: "webhook.ca",
        flag: "--webhook-ca",
        kind: Kind::Path,
        default: "",
        secret: false,
        zh: "PEM 文件：签发接收方证书的根证书，代替系统自带的。",
        en: "PEM file with the certificates that may have signed the receiver's, instead of the machine's.",
        get: |args| shown(args.hook.webhook_ca.as_ref()),
        set: |args, text| path(&mut args.hook.webhook_ca, text),
    },
];

fn shown(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

fn path(field: &mut Option<PathBuf>, text: &str) -> Result<(), Text> {
    *field = Some(PathBuf::from(text));
    Ok(())
}

fn read<T: FromStr>(field: &mut Option<T>, text: &str, zh: &str, en: &str, example: &str) -> Result<(), Text> {
    *field = Some(text.parse().map_err(|_| how(zh, en, example))?);
    Ok(())
}

fn choice<T: ValueEnum>(field: &mut Option<T>, text: &str, choices: &str) -> Result<(), Text> {
    *field = Some(T::from_str(text, false).map_err(|_| how("应为以下之一：", "This must be one of", choices))?);
    Ok(())
}

/// The value itself may be a secret and is not repeated.
fn how(zh: &str, en: &str, example: impl Display) -> Text {
    Text::new(format!("{zh} {example}。"), format!("{en} {example}."))
}
