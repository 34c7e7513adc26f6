//! The crowd against the pure engine, without server or store; and the seeds of the simulator.

mod population {
    mod back_office;
    mod crowd;
    mod forms;
    mod seeds;
    pub mod stage;
    mod within_promise;
}
