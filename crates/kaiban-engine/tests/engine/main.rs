//! The engine through its one door: commands go into `decide`, events into `Case::evolve`, and nothing else is touched.
//! Every command runs in [`sim::Sim`], which keeps what a shell keeps and checks all invariants after each one.

mod sim;

mod cancel;
mod claim;
mod clocks;
mod complete;
mod constructs;
mod correct;
mod defer;
mod explain;
mod fail;
mod flow;
mod intake;
mod journals;
mod journeys;
mod marks;
mod migrate;
mod minutes;
mod recompute;
mod rejections;
mod resolve;
mod resubmit;
mod statutory;
mod submit;
mod timers;
mod withdraw;
