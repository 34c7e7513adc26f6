//! Keeps the files that people hand in, each under the digest of its content, in a folder or an object store; it never trusts what a file says about itself.
