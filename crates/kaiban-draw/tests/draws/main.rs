//! Draws as their parties, and whoever checks them, see them.

mod fairness;
mod protocol;
mod records;
mod redraw;
mod scene;
mod tampering;
