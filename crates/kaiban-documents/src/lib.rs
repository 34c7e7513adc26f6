//! Renders the letters that applicants get, as HTML and as text, from a template and typed facts; it never does IO and knows no case.
