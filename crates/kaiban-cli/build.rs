//! The packages of `workflows/` are built into the program: it is built again when they change.

fn main() {
    println!("cargo:rerun-if-changed=../../workflows");
}
