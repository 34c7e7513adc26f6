//! Who may depend on whom. The whole architecture rests on these few tables; a change here is a change of design.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crates without async, IO, clocks or randomness.
const PURE: &[&str] = &[
    "kaiban-findings",
    "kaiban-limits",
    "kaiban-calendar",
    "kaiban-identifiers",
    "kaiban-credit",
    "kaiban-documents",
    "kaiban-draw",
    "kaiban-definition",
    "kaiban-engine",
    "kaiban-scenario",
    "kaiban-population",
];

/// What a pure crate must not reach, however indirectly, through normal and build dependencies.
/// A name that ends in `*` stands for every package whose name begins so.
const IMPURE: &[&str] = &["tokio*", "sqlx*", "sea-orm*", "tonic*", "axum*", "hyper*"];

/// Packages that only some members may name in their manifests, tests included; and why.
const PRIVATE: &[(&str, &[&str], &str)] = &[
    ("sea-orm*", &["kaiban-store", "kaiban-migrations"], "the object mapper stays behind the store"),
    ("cel", &["kaiban-definition"], "guards are evaluated in one module"),
    ("handlebars", &["kaiban-documents"], "letters are rendered in one crate"),
    ("object_store", &["kaiban-files"], "where documents lie is one crate's affair"),
    ("reqwest", &["kaiban-webhook"], "the server calls nobody but the web hook"),
    ("prost*", &["kaiban-api", "kaiban-server", "kaiban-cli", "kaiban-tests"], "protobuf types stop at the edge"),
    ("tonic-prost*", &["kaiban-api", "kaiban-server", "kaiban-cli", "kaiban-tests"], "protobuf types stop at the edge"),
];

/// Packages that must not be anywhere in the tree; and why.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-sys", "rustls uses ring, and two crypto providers in one program panic"),
    ("aws-lc-rs", "rustls uses ring, and two crypto providers in one program panic"),
    ("openssl-sys", "TLS is rustls; nothing links the machine's OpenSSL"),
];

/// Names that say nothing about what is inside.
const EMPTY_WORDS: &[&str] = &["core", "common", "utils", "types", "helpers"];

#[test]
fn the_workspace_keeps_its_dependency_rules() {
    let violations = Workspace::read().violations();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn every_broken_rule_is_a_sentence() {
    let mut workspace = Workspace::read();
    workspace.add_edge("kaiban-findings", "sea-orm");
    workspace.member("kaiban-engine").manifest.insert("cel".into());
    workspace.member("kaiban-api").folder = "crates/api-types".into();
    workspace.packages.insert("bad".into(), Package { name: "openssl-sys".into(), ..Package::default() });

    let violations = workspace.violations();
    for sentence in [
        "kaiban-findings is pure, but depends on sea-orm: kaiban-findings → sea-orm",
        "kaiban-calendar is pure, but depends on sea-orm: kaiban-calendar → kaiban-findings → sea-orm",
        "kaiban-engine names cel in its manifest, but only kaiban-definition may: guards are evaluated in one module",
        "the folder crates/api-types is not named like its package kaiban-api",
        "openssl-sys is in the tree: TLS is rustls; nothing links the machine's OpenSSL",
    ] {
        assert!(violations.iter().any(|violation| violation == sentence), "{sentence}\n\n{}", violations.join("\n"));
    }
}

#[derive(Default)]
struct Package {
    name: String,
    /// Folder below the root for a member, empty for the others.
    folder: String,
    /// Names of the dependencies in the manifest, of every kind.
    manifest: BTreeSet<String>,
    /// Identifiers of the packages that it is built with: normal and build dependencies, features resolved.
    edges: Vec<String>,
}

struct Workspace {
    packages: BTreeMap<String, Package>,
    members: Vec<String>,
}

impl Workspace {
    /// What cargo resolves for this machine's platform.
    fn read() -> Workspace {
        let cargo = || Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let version = cargo().arg("-vV").output().unwrap();
        let version = String::from_utf8(version.stdout).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo says its host");
        let output = cargo()
            .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        Workspace::parse(&serde_json::from_slice(&output.stdout).unwrap())
    }

    fn parse(metadata: &Value) -> Workspace {
        let root = format!("{}/", string(&metadata["workspace_root"]));
        let members: Vec<String> = list(&metadata["workspace_members"]).iter().map(string).collect();
        let mut packages: BTreeMap<String, Package> = list(&metadata["resolve"]["nodes"])
            .iter()
            .map(|node| {
                let built_with = |dependency: &&Value| {
                    list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].as_str() != Some("dev"))
                };
                let edges = list(&node["deps"]).iter().filter(built_with).map(|d| string(&d["pkg"])).collect();
                (string(&node["id"]), Package { edges, ..Package::default() })
            })
            .collect();
        for package in list(&metadata["packages"]) {
            if let Some(known) = packages.get_mut(&string(&package["id"])) {
                let manifest_path = string(&package["manifest_path"]);
                known.name = string(&package["name"]);
                known.manifest = list(&package["dependencies"]).iter().map(|d| string(&d["name"])).collect();
                known.folder = manifest_path
                    .strip_prefix(&root)
                    .and_then(|path| path.strip_suffix("/Cargo.toml"))
                    .unwrap_or_default()
                    .into();
            }
        }
        Workspace { packages, members }
    }

    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in PURE {
            match self.id_of_member(name) {
                Some(id) => self.check_pure(id, &mut found),
                None => found.push(format!("{name} should be pure, but is no member of the workspace")),
            }
        }
        for member in self.members.iter().map(|id| &self.packages[id]) {
            check_private(member, &mut found);
            check_name(member, &mut found);
        }
        for (banned, why) in BANNED {
            if self.packages.values().any(|package| package.name == *banned) {
                found.push(format!("{banned} is in the tree: {why}"));
            }
        }
        found
    }

    /// Breadth first, so that the path shown is a shortest one.
    fn check_pure(&self, start: &str, found: &mut Vec<String>) {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::from([(start, "")]);
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            let package = &self.packages[id];
            if IMPURE.iter().any(|pattern| matches(pattern, &package.name)) {
                let mut path = vec![package.name.as_str()];
                let mut at = came_from[id];
                while !at.is_empty() {
                    path.push(&self.packages[at].name);
                    at = came_from[at];
                }
                path.reverse();
                found.push(format!("{} is pure, but depends on {}: {}", path[0], package.name, path.join(" → ")));
                continue; // what an impure package depends on says nothing new
            }
            for edge in &package.edges {
                if !came_from.contains_key(edge.as_str()) {
                    came_from.insert(edge, id);
                    queue.push_back(edge);
                }
            }
        }
    }

    fn id_of_member(&self, name: &str) -> Option<&String> {
        self.members.iter().find(|id| self.packages[*id].name == name)
    }

    fn member(&mut self, name: &str) -> &mut Package {
        let id = self.id_of_member(name).expect("a member").clone();
        self.packages.get_mut(&id).expect("a package")
    }

    fn add_edge(&mut self, from: &str, to: &str) {
        let to = self.packages.iter().find(|(_, package)| package.name == to).expect("a package").0.clone();
        self.member(from).edges.push(to);
    }
}

fn check_private(member: &Package, found: &mut Vec<String>) {
    for (pattern, allowed, why) in PRIVATE {
        for dependency in member.manifest.iter().filter(|name| matches(pattern, name)) {
            if !allowed.contains(&member.name.as_str()) {
                let allowed = allowed.join(", ");
                found
                    .push(format!("{} names {dependency} in its manifest, but only {allowed} may: {why}", member.name));
            }
        }
    }
}

fn check_name(member: &Package, found: &mut Vec<String>) {
    if let Some(folder) = member.folder.strip_prefix("crates/")
        && folder != member.name
    {
        found.push(format!("the folder {} is not named like its package {}", member.folder, member.name));
    }
    for word in member.name.split(['-', '_']).filter(|word| EMPTY_WORDS.contains(word)) {
        found.push(format!("the name of {} says nothing: `{word}`", member.name));
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in cargo's metadata")
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string in cargo's metadata").into()
}
