//! An agency's programme: takes an office's tasks as they come and approves each, whatever happens to the connection.
//!
//! `cargo run -p kaiban-client --example agency -- ENDPOINT[,ENDPOINT…] TOKEN OFFICE OUTCOME`

use kaiban_api::v1::{OpenWork, TaskCompletion};
use kaiban_client::{Client, Heard, Offer, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoints, token, office, outcome] = arguments.as_slice() else {
        return Err("ENDPOINT[,ENDPOINT…] TOKEN OFFICE OUTCOME".into());
    };
    let client = Client::new(Settings::new(endpoints.split(',')).token(token))?;
    let mut work = client.work(OpenWork { office: office.clone(), window: 10, ..OpenWork::default() });
    while let Some(heard) = work.next().await? {
        match heard {
            // Each in a task of its own: several are done at a time.
            Heard::Task(offer) => drop(tokio::spawn(done(offer, office.clone(), outcome.clone()))),
            Heard::Taken(taken) => eprintln!("{} is not ours any more: {}", taken.task, taken.reason),
        }
    }
    Ok(())
}

async fn done(offer: Offer, office: String, outcome: String) {
    let task = offer.task().id.clone();
    // Here the office works; `offer.prolong(…)` keeps the lease meanwhile.
    let completion = TaskCompletion { outcome, officer: format!("{office}-1"), ..TaskCompletion::default() };
    match offer.complete(completion).await {
        Ok(receipt) => println!("{task} {}", receipt.step_state().as_str_name()),
        // Somebody else has it, or the case is over: let go.
        Err(error) if matches!(error.reason.as_str(), "STALE_EPOCH" | "NO_OPEN_TASK" | "CASE_CLOSED") => {}
        Err(error) => eprintln!("{task} {error}"),
    }
}
