//! Renders the letters that applicants get, as HTML and as text, from a template and typed facts; it never does IO and
//! knows no case.
//!
//! A letter is a pair of templates in a package, `letters/<name>.html.hbs` and `letters/<name>.txt.hbs`; files whose
//! name begins with `_` are partials that all letters of the package share. [`LetterSet::load`] reads them and answers
//! the letters *and* everything that is wrong with them; [`Letter::fields`] names every field that a letter reads, so
//! that whoever knows the form can refuse a letter that names a field the form does not have.
//!
//! The language is the part of Handlebars in which that question can be answered before anything is rendered: fields,
//! `#if`, `#unless`, `#each`, `#with`, `else if`, comparisons, partials without parameters, and the words of
//! [`vocabulary`]. Nothing is ever printed unescaped in HTML, and no value can start a line of its own in text.
//!
//! ```
//! use kaiban_documents::{Letter, sample};
//!
//! let html = "<!doctype html><title>{{letter.title}}</title><p>{{form.name}}：{{date letter.issued_at_us}}</p>";
//! let letter = Letter::compile("notice", html, "通知\n{{form.name}}\n", &[]).unwrap();
//! assert_eq!(letter.title(), "通知");
//! assert_eq!(letter.render(&sample::company()).unwrap().text, "通知\n福州市榕江智造科技有限公司\n");
//! ```

mod escape;
mod facts;
mod fields;
mod letter;
pub mod limits;
mod problems;
pub mod sample;
mod set;
mod shape;
mod signature;
mod syntax;
pub mod vocabulary;
mod wrap;

pub use facts::{
    Applicant, Case, Certificate, Decision, Extension, Facts, Issue, Item, Office, Promise, Remedies, Signatory,
};
pub use fields::{Field, Read};
pub use letter::{Letter, Partial, RenderError, Rendered};
pub use problems::codes;
pub use set::LetterSet;
pub use signature::SignatureBlock;
pub use vocabulary::quoted_law;
