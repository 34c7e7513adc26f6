//! Reads scenarios, Markdown with steps and the journal that they should leave, and plays them through any driver; it never decides what is right, the file does.
