//! Scenarios, as whoever writes a package meets them: what is wrong with one, and what one shows.

/// Holds what a person would read against its golden.
macro_rules! shows {
    ($name:expr, $shown:expr) => {
        insta::with_settings!({
            snapshot_path => "../goldens",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $shown) })
    };
}

mod packages;
mod parsing;
mod playing;
